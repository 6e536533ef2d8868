//! The API as the program serves it, with an account and what it has.

use crate::{Served, client::Load};
use actix_web::{App as Actix, HttpServer, rt};
use lectern_domain::{
    chat::{ChatType, NewChat},
    email::EmailAddress,
    password::Password,
    user::User,
};
use lectern_http::{Api, HttpOptions};
use lectern_service::{
    accounts::{Auth, AuthOptions, Caller, Credential, Organizations, SecretKey, sign_in, users},
    app::{App, AppOptions},
    conversations::create_chat,
};
use lectern_testkit::{TestDatabase, persistence::DatabaseOptions};
use std::{net::TcpListener, sync::Arc};

const PASSWORD: &str = "correct-horse";
const QUESTION: &str = r#"{"model_name":"lectern-extractive","query":"Combien coûte la location du vélo municipal ?","mode":"rag"}"#;

/// An application with one account.
pub(crate) struct Ours {
    pub(crate) app: Arc<App>,
    pub(crate) user: User,
    pub(crate) token: String,
    _folder: tempfile::TempDir,
}

impl Ours {
    /// Opens it, with a user of a hundred chats who is signed in.
    pub(crate) async fn open(database: &TestDatabase) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let auth = Auth::new(&AuthOptions::default(), &SecretKey::from_text("a key for benches"), Organizations::default());
        let options = AppOptions::new(folder.path().to_owned(), auth).expect("options");
        let app = App::open(database.open(&DatabaseOptions::default()), options).await.expect("an application");
        let password = || Password::try_from(PASSWORD.to_owned()).expect("a password");
        let email = EmailAddress::try_from("jeanne@example.org").expect("an address");
        let account = users::NewAccount { username: "jeanne".into(), email, password: password(), is_admin: false };
        let user = users::add(&app, account).await.expect("an account");
        let token = sign_in::sign_in(&app, Some(sign_in::Login::Username("jeanne".into())), password(), None).await.expect("a session");
        let caller = Caller { user: user.clone(), credential: Credential::ApiToken };
        for _ in 0..100 {
            let chat = NewChat { chat_type: ChatType::Meeting, operators: None, themes: Some(vec!["vélos".to_owned()]) };
            create_chat(&app, &caller, chat).await.expect("a chat");
        }
        Self { app, user, token, _folder: folder }
    }

    /// Serves its routes.
    pub(crate) fn serve(&self) -> Served {
        let api = Api::new(self.app.clone(), HttpOptions::default());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let server =
            HttpServer::new(move || Actix::new().configure(api.routes())).disable_signals().listen(listener).expect("it listens").run();
        let handle = server.handle();
        rt::spawn(server);
        Served { address, handle }
    }

    /// The requests that are measured.
    pub(crate) fn loads(&self) -> [Load; 3] {
        let load = |method, path, bare, body| Load { method, path, bare, token: self.token.clone(), body };
        [
            load("GET", "/api/v2/user/me", "/me", ""),
            load("GET", "/api/v2/chats?limit=10", "/chats", ""),
            load("POST", "/api/v2/stream", "/stream", QUESTION),
        ]
    }
}
