//! Accounts, as two processes on one database see them.

use crate::support::in_every_world;
use lectern_domain::{email::EmailAddress, password::Password};
use lectern_service::{
    ServiceError,
    accounts::{Caller, authenticate, confirm, register, sign_in, sign_in::Login, sign_out, tokens, users},
    app::App,
};

fn password(text: &str) -> Password {
    Password::try_from(text.to_owned()).unwrap()
}

async fn add(app: &App, name: &str) {
    let email = EmailAddress::try_from(format!("{name}@x.fr").as_str()).unwrap();
    let account = users::NewAccount { username: name.into(), email, password: password("correct-horse"), is_admin: false };
    users::add(app, account).await.unwrap();
}

async fn session(app: &App, name: &str, secret: &str) -> Result<String, ServiceError> {
    sign_in(app, Some(Login::Username(name.into())), password(secret), None).await
}

async fn who(app: &App, token: &str) -> Result<Caller, ServiceError> {
    authenticate(app, Some(&format!("Bearer {token}"))).await
}

#[test]
fn the_end_of_a_session_holds_in_the_other_process_at_once() {
    in_every_world(async |world| {
        let (one, other) = (world.open(None).await, world.open(None).await);
        add(&one, "jeanne").await;
        let (first, second) = (session(&one, "jeanne", "correct-horse").await.unwrap(), session(&other, "jeanne", "correct-horse").await);
        let second = second.unwrap();
        let caller = who(&other, &first).await.unwrap();
        let api_token = tokens::create(&one, &caller, "t".to_owned().try_into().unwrap()).await.unwrap();
        sign_out(&one, &caller).await.unwrap();
        assert!(matches!(who(&other, &first).await, Err(ServiceError::Unauthorized)));
        assert!(who(&one, &second).await.is_ok() && who(&other, &second).await.is_ok(), "the other session goes on");
        users::set_password(&other, "jeanne".into(), password("another-horse")).await.unwrap();
        assert!(matches!(who(&one, &second).await, Err(ServiceError::Unauthorized)));
        assert!(matches!(session(&one, "jeanne", "correct-horse").await, Err(ServiceError::WrongCredentials)));
        let third = session(&one, "jeanne", "another-horse").await.unwrap();
        assert!(who(&other, &third).await.is_ok() && who(&other, &api_token).await.is_ok());
        users::disable(&one, "jeanne".into()).await.unwrap();
        assert!(matches!(who(&other, &third).await, Err(ServiceError::Unauthorized | ServiceError::UserNotConfirmed)));
        assert!(matches!(who(&other, &api_token).await, Err(ServiceError::UserNotConfirmed)));
    });
}

#[test]
fn of_two_administrators_one_decides() {
    in_every_world(async |world| {
        let (one, other) = (world.open(None).await, world.open(None).await);
        let email = || EmailAddress::try_from("jeanne@x.fr").unwrap();
        let registration = register::Registration {
            username: "jeanne".into(),
            email: email(),
            password: password("correct-horse"),
            organization_id: None,
            organization_name: None,
            accept_cookie: false,
            accept_retrain: false,
        };
        register(&one, registration, None).await.unwrap();
        let (yes, no) = tokio::join!(confirm::confirm(&one, email(), true), confirm::confirm(&other, email(), false));
        let decided = users::list(&one).await.unwrap()[0].is_confirmed;
        match (yes, no) {
            (Ok(()), Err(ServiceError::AlreadyDecided)) => assert_eq!(decided, Some(true)),
            (Err(ServiceError::AlreadyDecided), Ok(())) => assert_eq!(decided, Some(false)),
            both => panic!("{both:?}"),
        }
    });
}

#[test]
fn a_hash_of_the_reference_lets_in_and_gives_way_to_another() {
    in_every_world(async |world| {
        let app = world.open(None).await;
        add(&app, "jeanne").await;
        let hash = || {
            use diesel::{QueryDsl as _, RunQueryDsl as _};
            use lectern_persistence::{DbError, schema::users::dsl};
            let read = world.database.database().read::<String, DbError>(|conn| Ok(dsl::users.select(dsl::hashed_password).first(conn)?));
            read.unwrap()
        };
        // bcrypt of `changeme` at the reference's cost, by libxcrypt's crypt(3).
        world.sql("UPDATE users SET hashed_password = '$2b$12$D4G5f18o7aMMfwasBL7GpurIEoQvv58JRloQ5uW6DHxxAMChet1yy'");
        assert!(matches!(session(&app, "jeanne", "changeme2").await, Err(ServiceError::WrongCredentials)));
        assert!(hash().starts_with("$2b$12$"), "a wrong password changes nothing");
        let first = session(&app, "jeanne", "changeme").await.unwrap();
        assert!(hash().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(who(&app, &first).await.is_ok(), "sessions go on");
        session(&app, "jeanne", "changeme").await.unwrap();
    });
}
