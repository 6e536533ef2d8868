//! A server in the test's process, and a transcript of what was said.

use actix_web::{
    body::to_bytes,
    http::{Method, StatusCode, header},
    rt::System,
    test::{TestRequest, call_service, init_service},
    web::Data,
};
use lectern_domain::{email::EmailAddress, password::Password};
use lectern_http::{Api, HttpOptions, TrustedProxies};
use lectern_service::{
    accounts::{Auth, AuthOptions, Organizations, SecretKey, users},
    app::{Allowances, App, AppOptions, Embeddings},
    jobs,
    limits::LimitOptions,
    llm::{Endpoint, install_as},
    mail::{DeliveryOptions, MailOptions},
};
use lectern_testkit::{TestDatabase, tiny_bert::Tiny, upstream::Upstream};
use serde_json::Value;
use std::{cell::RefCell, future::Future, pin::Pin, rc::Rc, sync::Arc, time::Duration};

/// The largest file: a little more than two parts.
pub(crate) const UPLOAD_BYTES: u64 = (2 << 20) + 100_000;

/// The password of every account of the tests.
pub(crate) const PASSWORD: &str = "correct-horse";

type Call = Box<dyn Fn(TestRequest) -> Pin<Box<dyn Future<Output = Answer>>>>;

/// A running application with its routes.
pub(crate) struct Server {
    pub(crate) app: Data<App>,
    call: Call,
    transcript: RefCell<String>,
    folder: tempfile::TempDir,
}

/// What a server is to be like.
#[derive(Default)]
pub(crate) struct Setup {
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) limits: LimitOptions,
    /// The name of a model in the process that makes vectors, where there is to be one.
    pub(crate) embeddings: Option<&'static str>,
    /// How long links for new passwords are good for, where it is not the usual time.
    pub(crate) reset_ttl: Option<Duration>,
}

/// A mail in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: header::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// The body, where it is JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// Runs a conversation with the server on a database of each backend at hand; what was said must be the same on all of them.
pub(crate) fn on_every_database<F: Future<Output = ()>>(test: impl Fn(Rc<Server>) -> F) -> String {
    on_every_database_with(Setup::default, test)
}

/// The same with servers of another kind.
pub(crate) fn on_every_database_with<F: Future<Output = ()>>(setup: impl Fn() -> Setup, test: impl Fn(Rc<Server>) -> F) -> String {
    let mut transcripts = Vec::new();
    for database in TestDatabase::all() {
        let server = System::new().block_on(async {
            let server = Rc::new(Server::set_up(&database, setup()).await);
            test(server.clone()).await;
            server
        });
        transcripts.push((database.name(), server.transcript.take()));
    }
    for (name, transcript) in &transcripts[1..] {
        assert_eq!(&transcripts[0].1, transcript, "{} and {name} differ", transcripts[0].0);
    }
    transcripts.swap_remove(0).1
}

/// Runs a test with a server whose models `m` and `org/gemma-small` are scripted ones, and the session of a user.
pub(crate) fn with_upstream(test: impl AsyncFn(&Server, &Upstream, &str)) {
    with_upstream_as(|options| options, test);
}

/// The same with other options than the usual ones.
pub(crate) fn with_upstream_as(change: impl Fn(AppOptions) -> AppOptions, test: impl AsyncFn(&Server, &Upstream, &str)) {
    for database in TestDatabase::all() {
        System::new().block_on(async {
            let upstream = Upstream::start().await;
            let models = ["m", "org/gemma-small"].map(str::to_owned).to_vec();
            let endpoint = Endpoint { models: Some(models), ..Endpoint::new(upstream.url()) };
            let server = Server::start_as(&database, |options| change(AppOptions { endpoints: vec![endpoint], ..options })).await;
            let jeanne = server.user("jeanne", false).await;
            test(&server, &upstream, &jeanne).await;
        });
    }
}

impl Server {
    /// A server without accounts.
    pub(crate) async fn start(database: &TestDatabase) -> Self {
        Self::start_with(database, Vec::new()).await
    }

    /// A server without accounts, with models behind these endpoints.
    pub(crate) async fn start_with(database: &TestDatabase, endpoints: Vec<Endpoint>) -> Self {
        Self::set_up(database, Setup { endpoints, ..Setup::default() }).await
    }

    /// A server without accounts, with other options than the usual ones.
    pub(crate) async fn start_as(database: &TestDatabase, change: impl FnOnce(AppOptions) -> AppOptions) -> Self {
        Self::build(database, Setup::default(), change).await
    }

    /// A server without accounts that is like this. Its mails go to a folder; proxies in 10.0.0.0/8 are believed.
    pub(crate) async fn set_up(database: &TestDatabase, setup: Setup) -> Self {
        Self::build(database, setup, |options| options).await
    }

    async fn build(database: &TestDatabase, setup: Setup, change: impl FnOnce(AppOptions) -> AppOptions) -> Self {
        let organizations: Organizations = [("1".to_owned(), "Préfecture de Police".to_owned())].into_iter().collect();
        let usual = AuthOptions::default();
        let options = AuthOptions { limits: setup.limits, reset_ttl: setup.reset_ttl.unwrap_or(usual.reset_ttl), ..usual };
        let auth = Auth::new(&options, &SecretKey::from_text("a key for tests"), organizations);
        let folder = tempfile::tempdir().expect("a folder");
        let embeddings = match setup.embeddings {
            Some(name) => {
                Tiny::new(7).write(&folder.path().join("tiny"));
                install_as(&folder.path().join("tiny"), &folder.path().join("models"), name).expect("a model");
                Embeddings::Installed { name: None, required: true }
            }
            None => Embeddings::None,
        };
        let options = AppOptions {
            endpoints: setup.endpoints,
            embeddings,
            mail: MailOptions {
                delivery: DeliveryOptions::Folder(folder.path().join("mails")),
                from: "language_model@data.gouv.fr".into(),
                contact: "contact@x.fr".into(),
                front_url: "https://front.x.fr".into(),
                ..MailOptions::default()
            },
            institutions: vec!["Mairie".into(), "Préfecture".into()],
            allowances: Allowances { upload_bytes: UPLOAD_BYTES, waiting_uploads: Some(3), collections: Some(3) },
            ..AppOptions::new(folder.path().to_owned(), auth).expect("options")
        };
        let app = Data::from(App::open(database.database().clone(), change(options)).await.expect("an application"));
        let options = HttpOptions {
            app_version: "1.2.3".into(),
            body_bytes: 4096,
            upload_bytes: UPLOAD_BYTES,
            cors_origins: vec!["https://app.example.org".into()],
            proxies: TrustedProxies { networks: vec!["10.0.0.0/8".parse().expect("a network")], ..TrustedProxies::default() },
            passthrough: vec!["completions".into(), "embeddings".into(), "rerank".into(), "audio/speech".into()],
        };
        let service = Rc::new(init_service(actix_web::App::new().configure(Api::new(app.clone().into_inner(), options).routes())).await);
        let call: Call = Box::new(move |request| {
            let service = service.clone();
            Box::pin(async move {
                let answer = call_service(&*service, request.to_request()).await;
                let (status, headers) = (answer.status(), answer.headers().clone());
                let bytes = to_bytes(answer.into_body()).await;
                let body = bytes.map_or_else(|error| format!("cut: {error}"), |bytes| String::from_utf8(bytes.to_vec()).expect("text"));
                Answer { status, headers, body }
            })
        });
        Self { app, call, transcript: RefCell::default(), folder }
    }

    /// Adds a confirmed account and signs it in.
    pub(crate) async fn user(&self, name: &str, is_admin: bool) -> String {
        let account = users::NewAccount {
            username: name.into(),
            email: EmailAddress::try_from(format!("{name}@Example.org").as_str()).expect("an address"),
            password: password(PASSWORD),
            is_admin,
        };
        users::add(&self.app, account).await.expect("an account");
        let body = format!(r#"{{"username":"{name}","password":"{PASSWORD}"}}"#);
        let answer = self.send(TestRequest::post().uri("/api/v2/sign_in").set_payload(body)).await;
        answer.json()["token"].as_str().expect("a token").to_owned()
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: TestRequest) -> Answer {
        (self.call)(request).await
    }

    /// Sends a request with a JSON body (none where empty).
    pub(crate) async fn ask(&self, method: Method, path: &str, token: Option<&str>, body: &str) -> Answer {
        let mut request = TestRequest::default().method(method).uri(path);
        if let Some(token) = token {
            request = request.insert_header((header::AUTHORIZATION, format!("Bearer {token}")));
        }
        if !body.is_empty() {
            request = request.insert_header((header::CONTENT_TYPE, "application/json")).set_payload(body.to_owned());
        }
        self.send(request).await
    }

    /// Does what [`Server::ask`] does and notes what was said.
    pub(crate) async fn say(&self, method: Method, path: &str, token: Option<&str>, body: &str) -> Answer {
        let answer = self.ask(method.clone(), path, token, body).await;
        let asked = if body.is_empty() { String::new() } else { format!(" {body}") };
        self.note_answer(&format!("{method} {}{asked}", without_tokens(path)), &answer);
        answer
    }

    fn note_answer(&self, asked: &str, answer: &Answer) {
        let shown = serde_json::from_str::<Value>(&answer.body).map_or(answer.body.clone(), |value| redacted(value).to_string());
        self.transcript.borrow_mut().push_str(&format!("{asked}\n    {} {shown}\n", answer.status.as_u16()));
    }

    /// Sends a file with some values as a form.
    pub(crate) async fn upload(&self, token: &str, values: &[(&str, &str)], file: Option<(&str, &str, &[u8])>) -> Answer {
        let (kind, body) = form(values, file);
        let request = TestRequest::post().uri("/api/v1/documents").insert_header((header::AUTHORIZATION, format!("Bearer {token}")));
        self.send(request.insert_header((header::CONTENT_TYPE, kind)).set_payload(body)).await
    }

    /// The same, and notes what was said.
    pub(crate) async fn say_upload(&self, token: &str, values: &[(&str, &str)], file: Option<(&str, &str, &[u8])>) -> Answer {
        let answer = self.upload(token, values, file).await;
        let file = file.map_or_else(|| "no file".to_owned(), |(name, kind, bytes)| format!("{name:?} ({kind}, {} bytes)", bytes.len()));
        self.note_answer(&format!("POST /api/v1/documents {values:?} {file}"), &answer);
        answer
    }

    /// Has the server do its jobs, until this one has ended and its documents are in the indexes; what it says then.
    pub(crate) async fn settled(&self, token: &str, job: &Value) -> Value {
        let id = job["id"].as_str().expect("a job").to_owned();
        let running = jobs::start(&Arc::clone(&self.app));
        let ended = loop {
            let job = self.ask(Method::GET, &format!("/api/v1/jobs/{id}"), Some(token), "").await.json();
            match job["stage"].as_str() {
                Some("queued" | "storing") => actix_web::rt::task::yield_now().await,
                Some("indexing") => self.app.followers.catch_up().await.expect("it is indexed"),
                _ => break job,
            }
        };
        running.stop(Duration::from_secs(60)).await;
        ended
    }

    /// The mails that were written, oldest first.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        let Ok(entries) = std::fs::read_dir(self.folder.path().join("mails")) else { return Vec::new() };
        let mut files: Vec<(usize, std::path::PathBuf)> = entries
            .map(|entry| {
                let path = entry.expect("an entry").path();
                let (number, id) = path.file_name().and_then(|name| name.to_str()?.split_once('_')).expect("a number and an id");
                assert_eq!(id.len(), 32, "{id}");
                (number.parse().expect("a number"), path.clone())
            })
            .collect();
        files.sort();
        let mails = files.into_iter().enumerate().map(|(place, (number, path))| {
            assert_eq!(number, place, "numbers follow each other");
            let mail: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON");
            assert_eq!(mail["FromEmail"], "language_model@data.gouv.fr");
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            Mail { to: text(&mail["Recipients"][0]["Email"]), subject: text(&mail["Subject"]), text: text(&mail["Text-part"]) }
        });
        mails.collect()
    }

    /// Notes the mails that were written since the last `seen`.
    pub(crate) fn note_mails(&self, seen: usize) {
        for mail in &self.mails()[seen..] {
            let text = match mail.text.split_once("token=") {
                Some((link, token)) => {
                    assert_eq!(token.len(), 32, "{token}");
                    format!("{link}token=[token]")
                }
                None => mail.text.clone(),
            };
            self.transcript.borrow_mut().push_str(&format!("mail to {}: {}\n    {text:?}\n", mail.to, mail.subject));
        }
    }

    /// What was noted so far.
    pub(crate) fn transcript(&self) -> String {
        self.transcript.borrow().clone()
    }

    /// Notes who speaks next, or why.
    pub(crate) fn note(&self, text: &str) {
        self.transcript.borrow_mut().push_str(&format!("-- {text}\n"));
    }
}

/// A valid password.
pub(crate) fn password(text: &str) -> Password {
    Password::try_from(text.to_owned()).expect("a password")
}

/// What differs between two runs, by its form.
fn redacted(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(without_tokens(&text)),
        Value::Array(items) => items.into_iter().map(redacted).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(key, value)| match value {
                Value::Number(seconds) if key.ends_with("_at") && seconds.as_i64().is_some_and(|at| at > 1_700_000_000) => {
                    (key, "[seconds]".into())
                }
                value => (key, redacted(value)),
            })
            .collect(),
        other => other,
    }
}

/// A request with a form: some values, then a file with its name and its type.
pub(crate) fn form(values: &[(&str, &str)], file: Option<(&str, &str, &[u8])>) -> (String, Vec<u8>) {
    const BOUNDARY: &str = "----a-border-that-no-file-holds";
    let mut body = Vec::new();
    for (name, value) in values {
        body.extend_from_slice(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes());
    }
    if let Some((name, kind, bytes)) = file {
        let head = format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {kind}");
        body.extend_from_slice(format!("--{BOUNDARY}\r\n{head}\r\n\r\n").as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}

/// The text with a word for every UUID in it.
fn without_uuids(text: &str) -> String {
    let (mut kept, mut at) = (String::new(), 0);
    while let Some(letter) = text[at..].chars().next() {
        let id = text.get(at..at + 36).filter(|part| uuid::Uuid::try_parse(part).is_ok());
        kept.push_str(id.map_or(&text[at..at + letter.len_utf8()], |_| "[uuid]"));
        at += id.map_or(letter.len_utf8(), str::len);
    }
    kept
}

fn without_tokens(text: &str) -> String {
    let text = &without_uuids(text);
    let last = text.rsplit('/').next().unwrap_or(text);
    let is_jwt = last.starts_with("eyJ") && last.matches('.').count() == 2;
    let is_time = last.len() >= 19 && last.as_bytes()[4] == b'-' && last.as_bytes()[10] == b'T' && !last.ends_with('Z');
    let kind = if is_jwt {
        "[jwt]"
    } else if is_time {
        "[time]"
    } else {
        return text.to_owned();
    };
    format!("{}{kind}", &text[..text.len() - last.len()])
}
