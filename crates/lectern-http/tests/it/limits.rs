//! How often one may try, by the test's clock.

use crate::support::{Answer, PASSWORD, Server, Setup, on_every_database_with};
use actix_web::{http::header, test::TestRequest};
use chrono::{DateTime, TimeDelta, Utc};
use lectern_service::limits::{Allowance, Clock, Limit, LimitOptions};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

/// Three tries a minute for an address, four for an account.
fn limited(now: &Arc<Mutex<DateTime<Utc>>>) -> Setup {
    let allowance = |tries| Some(Allowance { tries, period: Duration::from_secs(60) });
    let limit = Limit { address: allowance(3), account: allowance(4) };
    let now = now.clone();
    let clock = Clock::new(move || *now.lock().expect("the time"));
    Setup { limits: LimitOptions { sign_in: limit, register: limit, reset: limit, contact: limit, clock }, ..Setup::default() }
}

/// A request through the proxy 10.0.0.1, from an address.
async fn from(server: &Server, address: &str, path: &str, token: Option<&str>, body: &str) -> Answer {
    let proxy: SocketAddr = "10.0.0.1:4711".parse().expect("an address");
    let mut request = TestRequest::post().uri(&format!("/api/v2/{path}")).peer_addr(proxy).set_payload(body.to_owned());
    request = request.insert_header(("X-Forwarded-For", format!("203.0.113.9, {address}")));
    if let Some(token) = token {
        request = request.insert_header((header::AUTHORIZATION, format!("Bearer {token}")));
    }
    server.send(request).await
}

#[track_caller]
fn refused(answer: &Answer, wait_s: &str) {
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (429, r#"{"detail":"Too Many Requests"}"#));
    assert_eq!(answer.headers.get(header::RETRY_AFTER).and_then(|wait| wait.to_str().ok()), Some(wait_s));
}

#[test]
fn an_address_has_its_allowance_and_another_has_its_own() {
    let now = Arc::new(Mutex::new(Utc::now()));
    on_every_database_with(
        || limited(&now),
        async |server| {
            for (path, body) in [
                ("sign_in", r#"{"username":"NAME","password":"wrong-horse"}"#),
                ("user/me", r#"{"username":"NAME","email":"NAME@x.fr","password":"correct-horse"}"#),
                ("send_reset_password_email", r#"{"email":"NAME@x.fr"}"#),
            ] {
                let body = |name: u32| body.replace("NAME", &format!("u{name}"));
                for name in 0..3 {
                    assert_ne!(from(&server, "198.51.100.7", path, None, &body(name)).await.status, 429, "{path}");
                }
                refused(&from(&server, "198.51.100.7", path, None, &body(3)).await, "20");
                assert_ne!(from(&server, "198.51.100.8", path, None, &body(4)).await.status, 429, "{path}");
                *now.lock().expect("the time") += TimeDelta::milliseconds(19_500);
                refused(&from(&server, "198.51.100.7", path, None, &body(3)).await, "1");
                *now.lock().expect("the time") += TimeDelta::milliseconds(500);
                assert_ne!(from(&server, "198.51.100.7", path, None, &body(3)).await.status, 429, "{path}");
                refused(&from(&server, "198.51.100.7", path, None, &body(5)).await, "20");
                *now.lock().expect("the time") += TimeDelta::seconds(60);
            }
            // With links, too: both count as one.
            for _ in 0..3 {
                from(&server, "198.51.100.7", "reset_password", None, r#"{"token":"x","password":"correct-horse"}"#).await;
            }
            refused(&from(&server, "198.51.100.7", "send_reset_password_email", None, r#"{"email":"a@x.fr"}"#).await, "20");
        },
    );
}

#[test]
fn an_account_has_its_allowance_from_everywhere_and_by_every_name() {
    let now = Arc::new(Mutex::new(Utc::now()));
    on_every_database_with(
        || limited(&now),
        async |server| {
            // Signing in here is the first try.
            let token = server.user("jeanne", false).await;
            let by_name = format!(r#"{{"username":"jeanne","password":"{PASSWORD}"}}"#);
            let by_address = r#"{"email":"JEANNE@example.org","password":"wrong-horse"}"#;
            for (number, body) in [by_address, by_name.as_str(), by_address].into_iter().enumerate() {
                let address = format!("198.51.100.{number}");
                assert_ne!(from(&server, &address, "sign_in", None, body).await.status, 429);
            }
            refused(&from(&server, "198.51.100.77", "sign_in", None, &by_name).await, "15");
            // Contact counts for itself.
            for number in 0..4 {
                let address = format!("2001:db8:{number}::1");
                assert_eq!(from(&server, &address, "user/contact", Some(&token), r#"{"subject":"s","text":"t"}"#).await.status, 200);
            }
            refused(&from(&server, "2001:db8:9::1", "user/contact", Some(&token), r#"{"subject":"s","text":"t"}"#).await, "15");
            // What is wrong is told before it counts.
            assert_eq!(from(&server, "2001:db8:9::1", "user/contact", Some(&token), "{}").await.status, 422);
            // A wrong e-mail address and an unknown account are alike.
            for number in 0..4 {
                let body = r#"{"email":"nobody@example.org"}"#;
                assert_eq!(from(&server, &format!("192.0.2.{number}"), "send_reset_password_email", None, body).await.status, 200);
            }
            refused(&from(&server, "192.0.2.9", "send_reset_password_email", None, r#"{"email":"NOBODY@example.org"}"#).await, "15");
        },
    );
}

#[test]
fn nobody_chooses_the_address_that_is_counted() {
    let now = Arc::new(Mutex::new(Utc::now()));
    on_every_database_with(
        || limited(&now),
        async |server| {
            let body = r#"{"username":"NAME","password":"wrong-horse"}"#;
            for number in 0..4 {
                let request = TestRequest::post()
                    .uri("/api/v2/sign_in")
                    .peer_addr("198.51.100.7:4711".parse().expect("an address"))
                    .insert_header(("X-Forwarded-For", format!("192.0.2.{number}")))
                    .insert_header(("Forwarded", format!("for=192.0.2.{number}")))
                    .set_payload(body.replace("NAME", &number.to_string()));
                let answer = server.send(request).await;
                assert_eq!(answer.status.as_u16(), if number < 3 { 400 } else { 429 });
            }
        },
    );
}
