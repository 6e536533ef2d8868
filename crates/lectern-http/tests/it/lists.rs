//! The lists that come from data files.

use crate::support::on_every_database;
use actix_web::http::Method;
use insta::assert_snapshot;

#[test]
fn lists() {
    let transcript = on_every_database(async |server| {
        let user = server.user("jeanne", false).await;
        server.say(Method::GET, "/api/v2/institutions", None, "").await;
        server.say(Method::GET, "/api/v2/institutions", Some(&user), "").await;
        server.say(Method::GET, "/api/v2/organizations/mfs", None, "").await;
    });
    assert_snapshot!(transcript);
}
