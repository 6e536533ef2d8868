//! Every route but the public ones refuses whoever does not say who they are.

use crate::support::on_every_database;
use lectern_http::routes;

const PUBLIC: [&str; 5] = ["POST /api/v2/sign_in", "POST /api/v2/user/me", "GET /api/v2/healthcheck", "GET /livez", "GET /readyz"];

#[test]
fn nothing_else_is_public() {
    on_every_database(async |server| {
        for (method, path) in routes() {
            let filled = path
                .replace("{chat_id}", "1")
                .replace("{stream_id}", "1")
                .replace("{feedback_id}", "1")
                .replace("{token}", "x")
                .replace("{uid}", "x");
            let answer = server.say(method.clone(), &filled, None, "").await;
            let public = PUBLIC.contains(&format!("{method} {path}").as_str());
            assert_eq!(answer.status == 400, !public, "{method} {path}: {} {}", answer.status, answer.body);
        }
    });
}
