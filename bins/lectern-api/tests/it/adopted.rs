//! The database of an Albert API, taken over and served.

use crate::{
    beside::{cli, json_of},
    support::{Server, command},
};
use lectern_testkit::{
    TestDatabase,
    albert::{self, API_TOKEN, ENDED_SESSION, RESET_TOKENS, SECRET_KEY, SESSION},
    database::number,
    persistence::DbError,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A server on such a database.
struct Adopted {
    server: Server,
    database: TestDatabase,
    _folder: TempDir,
}

impl Adopted {
    fn new() -> Option<Self> {
        let database = albert::filled()?;
        let folder = tempfile::tempdir().expect("a folder");
        let url = database.url().expose();
        json_of(cli(folder.path(), &url, &["db", "adopt"]).output().expect("an end"));
        let server = Server::start(command(folder.path()).env("DATABASE_URL", &url).env("SECRET_KEY", SECRET_KEY));
        Some(Self { server, database, _folder: folder })
    }

    /// The answer to a request that goes well.
    #[track_caller]
    fn ok(&self, method: &str, path: &str, token: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.server.ask(method, &format!("/api/v2/{path}"), Some(token), &body);
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.body);
        answer.json()
    }

    #[track_caller]
    fn get(&self, path: &str, token: &str) -> Value {
        self.ok("GET", path, token, &Value::Null)
    }

    /// The status of a request without a token, and what it is told.
    fn told(&self, path: &str, body: &Value) -> (u16, Value) {
        let answer = self.server.ask("POST", &format!("/api/v2/{path}"), None, &body.to_string());
        let json = answer.json();
        (answer.status, json.get("detail").cloned().unwrap_or(json))
    }

    fn sign_in(&self, login: &Value) -> (u16, Value) {
        self.told("sign_in", login)
    }

    /// A session of an account, by its name.
    #[track_caller]
    fn session(&self, username: &str) -> String {
        let (status, answer) = self.sign_in(&json!({ "username": username, "password": "changeme" }));
        assert_eq!(status, 200, "{username}: {answer}");
        answer["token"].as_str().expect("a token").to_owned()
    }

    fn number(&self, sql: &str) -> i64 {
        self.database.database().read::<_, DbError>(|conn| number(conn, sql)).expect("a number")
    }
}

#[test]
fn everybody_signs_in_as_before() {
    let Some(api) = Adopted::new() else { return };
    let bcrypt = "SELECT count(*) AS number FROM users WHERE hashed_password LIKE '$2b$%'";
    assert_eq!(api.number(bcrypt), 4);
    api.session("admin");
    let (status, answer) = api.sign_in(&json!({ "email": "reader@EXAMPLE.org", "password": "changeme" }));
    assert_eq!(status, 200, "{answer}");
    assert_eq!(api.number(bcrypt), 2, "who signed in has a hash of Lectern's");
    api.session("reader");
    assert_eq!(api.sign_in(&json!({ "username": "reader", "password": "changeme2" })).0, 400);
    for username in ["waiting", "declined"] {
        assert_eq!(api.sign_in(&json!({ "username": username, "password": "changeme" })), (400, json!("User not confirmed")));
    }
    let me = json!({
        "username": "reader", "email": "Reader@example.org", "organization_id": "o-1", "organization_name": "Mairie", "accept_cookie": true,
        "accept_retrain": true, "id": 2, "is_confirmed": true, "is_admin": false,
    });
    for token in [API_TOKEN, SESSION] {
        assert_eq!(api.get("user/me", token), me);
    }
    assert_eq!(api.get("user/token", SESSION), json!([{ "name": "script" }]));
    for token in [ENDED_SESSION, RESET_TOKENS[0]] {
        assert_eq!(api.server.ask("GET", "/api/v2/user/me", Some(token), "").status, 401);
    }
    let admin = api.session("admin");
    let pending = api.get("users/pending", &admin);
    assert_eq!((pending[0]["username"].as_str(), pending[0]["email"].as_str()), (Some("waiting"), Some("Élève@école.example")));
    assert_eq!(pending.as_array().map(Vec::len), Some(1));
}

#[test]
fn links_for_a_new_password_work_once() {
    let Some(api) = Adopted::new() else { return };
    let reset = |token: &str| api.told("reset_password", &json!({ "token": token, "password": "another-password" }));
    assert_eq!(reset(RESET_TOKENS[1]), (400, json!("Expired token")));
    assert_eq!(reset(RESET_TOKENS[2]), (400, json!("Invalid token")));
    assert_eq!(reset(RESET_TOKENS[0]).0, 200);
    assert_eq!(reset(RESET_TOKENS[0]), (400, json!("Invalid token")));
    assert_eq!(api.sign_in(&json!({ "username": "reader", "password": "another-password" })).0, 200);
    assert_eq!(api.server.ask("GET", "/api/v2/user/me", Some(SESSION), "").status, 401, "sessions ended with the old password");
}

#[test]
fn every_row_is_served() {
    let Some(api) = Adopted::new() else { return };
    let admin = api.session("admin");
    // Paris is an hour before UTC in winter, and two in summer.
    let chats = json!([
        {
            "chat_type": "meeting", "operators": null, "themes": ["état civil", "état", "a\\u0000b", "😀"], "id": 1, "created_at": "2025-01-15T09:00:00.123456",
            "updated_at": "2025-07-15T08:00:00", "user_id": 2, "chat_name": "Fleuves", "stream_count": 2,
        },
        {
            "chat_type": "evaluations", "operators": ["CAF"], "themes": null, "id": 2, "created_at": "2025-01-15T09:00:00", "updated_at": null, "user_id": 2,
            "chat_name": null, "stream_count": 1,
        },
    ]);
    assert_eq!(api.get("chats", SESSION), chats);
    let others = api.get("chats", &admin);
    assert_eq!((others.as_array().map(Vec::len), &others[0]["created_at"], &others[0]["themes"]), (Some(1), &Value::Null, &Value::Null));

    let mine = json!({
        "type": "evaluations", "note": 4, "positives": ["clair", "complet"], "negatives": ["trop_long"], "is_good": null, "message": "Mieux.", "id": 2, "user_id": 2,
        "stream_id": 1,
    });
    let theirs = json!([
        {
            "type": "evaluations", "note": 5, "positives": ["sources_fiables"], "negatives": null, "is_good": null, "message": null, "id": 4, "user_id": 1,
            "stream_id": 1,
        },
        { "type": "chat", "note": 0, "positives": null, "negatives": null, "is_good": false, "message": "Non.", "id": 5, "user_id": 1, "stream_id": 4 },
    ]);
    assert_eq!(api.get("feedbacks", SESSION), json!([mine]));
    assert_eq!(api.get("feedbacks", &admin), theirs);
    assert_eq!(api.get("feedback/2", SESSION), mine);

    let first = api.get("stream/1", SESSION);
    let expected = json!({
        "model_name": "AgentPublic/albert", "query": "Où naît l'Adour ?", "mode": "rag", "limit": 7, "with_history": true, "context": "géographie",
        "institution": "Mairie", "links": "https://example.org", "temperature": 0.2, "sources": ["service-public", "travail-emploi"], "should_sids": null,
        "must_not_sids": ["9f"], "postprocessing": ["check_mail"], "id": 1, "created_at": "2025-01-15T09:00:00", "updated_at": "2025-01-15T09:00:05",
        "is_streaming": false, "user_id": 2, "chat_id": 1, "prompt": first["prompt"], "response": "Au pied du pic du Midi.", "search_sids": ["0a1b"],
        "rag_sources": ["0a1b", "1a2b"], "feedback": mine,
    });
    assert_eq!(first, expected);
    // The frame is the one that was there, byte for byte.
    let prompt = first["prompt"].as_str().expect("a prompt");
    assert_eq!(
        api.number(&format!("SELECT count(*) AS number FROM albert_before.streams WHERE id = 1 AND encode(prompt, 'hex') = '{prompt}'")),
        1
    );
    let archive = api.get("chat/archive/1", SESSION);
    assert_eq!(archive["streams"][0], first);
    assert_eq!((&archive["streams"][1]["is_streaming"], &archive["streams"][1]["sources"]), (&json!(false), &json!(["travail-emploi"])));
    let ids =
        |page: &Value| page.as_array().expect("streams").iter().map(|stream| stream["id"].as_i64().expect("an id")).collect::<Vec<_>>();
    assert_eq!(ids(&api.get("streams", SESSION)), [1, 2, 3]);
    assert_eq!(ids(&api.get("streams", &admin)), [4]);
    let bare = api.get("stream/3", SESSION);
    assert_eq!(
        (&bare["model_name"], &bare["rag_sources"], &bare["created_at"], &bare["temperature"]),
        (&json!(""), &json!([]), &Value::Null, &json!(2.0))
    );
    assert_eq!(api.get("stream/4", SESSION)["sources"], json!(["service-public"]));
    assert_eq!(api.get("stream/5", &admin)["query"], "De personne");
}

#[test]
fn life_goes_on() {
    let Some(api) = Adopted::new() else { return };
    let chat = api.ok("POST", "chat", SESSION, &json!({ "chat_type": "meeting" }));
    assert_eq!(chat["id"], 4);
    let question =
        json!({ "model_name": "lectern-extractive", "query": "Et la Garonne ?", "sources": ["travail-emploi", "service-public"] });
    let stream = api.ok("POST", "stream/chat/1", SESSION, &question);
    assert_eq!((&stream["id"], &stream["chat_id"]), (&json!(6), &json!(1)));
    // The latest opinion is changed, and another one is new.
    let changed = api.ok("POST", "feedback/add/1", SESSION, &json!({ "type": "evaluations", "note": 1, "positives": ["clair"] }));
    assert_eq!((&changed["id"], &changed["note"], &changed["message"]), (&json!(2), &json!(1), &json!("Mieux.")));
    assert!(api.ok("POST", "feedback/add/6", SESSION, &json!({ "type": "chat", "is_good": true }))["id"].as_i64() > Some(5));
    let token = api.ok("POST", "user/token/new", SESSION, &json!({ "name": "another" }));
    assert_eq!(api.get("user/me", token.as_str().expect("a token"))["id"], 2);
    let account = json!({ "username": "new", "email": "new@example.org", "password": "changeme" });
    assert_eq!(api.told("user/me", &account).0, 200);
    let taken = json!({ "username": "other", "email": "READER@example.org", "password": "changeme" });
    assert_eq!(api.told("user/me", &taken), (400, json!("Email already exists")));
    let admin = api.session("admin");
    assert_eq!(api.get("users/pending", &admin)[1]["id"], 6, "a number that was given out does not come again");
    assert_eq!(api.ok("DELETE", "chat/delete/1", SESSION, &Value::Null)["id"], 1);
    assert_eq!(api.get("feedbacks", SESSION), json!([]));
    assert_eq!(api.ok("POST", "sign_out", SESSION, &Value::Null), json!({ "msg": "Success" }));
    assert_eq!(api.server.ask("GET", "/api/v2/user/me", Some(SESSION), "").status, 401);
}
