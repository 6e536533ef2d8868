//! The OpenAPI document: it names every route, and its examples are true.

use crate::{
    corpus::load,
    support::{Server, Setup, on_every_database, on_every_database_with},
};
use actix_web::http::Method;
use insta::assert_snapshot;
use lectern_http::routes;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The document as it is served.
pub(crate) struct Document(Value);

pub(crate) async fn document(server: &Server) -> Document {
    Document(server.ask(Method::GET, "/api/openapi.json", None, "").await.json())
}

impl Document {
    /// Path, method in lower case, operation.
    pub(crate) fn operations(&self) -> impl Iterator<Item = (&str, &str, &Map<String, Value>)> {
        let paths = self.0["paths"].as_object().expect("paths");
        paths.iter().flat_map(|(path, item)| {
            item.as_object()
                .expect("methods")
                .iter()
                .map(|(method, operation)| (path.as_str(), method.as_str(), operation.as_object().expect("an operation")))
        })
    }

    /// The status of a success and its content.
    fn success<'a>(&self, operation: &'a Map<String, Value>) -> (u16, &'a Value) {
        let responses = operation["responses"].as_object().expect("responses");
        let mut found = responses.iter().filter(|(status, _)| status.starts_with('2'));
        let (status, success) = found.next().expect("a success");
        assert!(found.next().is_none(), "one success: {responses:?}");
        (status.parse().expect("a status"), &success["content"])
    }

    /// A shape, where it stands or where it is referred to.
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let name = schema["$ref"].as_str().and_then(|place| place.strip_prefix("#/components/schemas/"));
        name.map_or(schema, |name| &self.0["components"]["schemas"][name])
    }

    /// Whether a value has a shape; where not, why.
    fn misfit(&self, schema: &Value, value: &Value) -> Option<String> {
        let schema = self.resolved(schema);
        for combined in ["oneOf", "anyOf"] {
            if let Some(schemas) = schema[combined].as_array() {
                let fits = schemas.iter().any(|schema| self.misfit(schema, value).is_none());
                return (!fits).then(|| format!("{value} fits none of {schema}"));
            }
        }
        if let Some(schemas) = schema["allOf"].as_array() {
            return schemas.iter().find_map(|schema| self.misfit(schema, value));
        }
        let kinds: Vec<&str> = match &schema["type"] {
            Value::String(kind) => vec![kind],
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => return None,
        };
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        if !(kinds.contains(&kind) || kind == "integer" && kinds.contains(&"number")) {
            return Some(format!("{value} is no {kinds:?}"));
        }
        match value {
            Value::Array(items) => items.iter().find_map(|item| self.misfit(&schema["items"], item)),
            Value::Object(members) => {
                let missing =
                    schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).find(|name| !members.contains_key(*name));
                let missing = missing.map(|name| format!("{name} is missing"));
                missing.or_else(|| {
                    members
                        .iter()
                        .filter(|(name, _)| !schema["properties"][*name].is_null())
                        .find_map(|(name, member)| self.misfit(&schema["properties"][name], member).map(|why| format!("{name}: {why}")))
                })
            }
            _ => None,
        }
    }
}

/// The names of an object's members, or of those of a list's first item.
fn names(value: &Value) -> Option<BTreeSet<&String>> {
    match value {
        Value::Array(items) => names(items.first()?),
        Value::Object(members) => Some(members.keys().collect()),
        _ => None,
    }
}

#[test]
fn the_document() {
    let database = lectern_testkit::TestDatabase::sqlite();
    let text = actix_web::rt::System::new().block_on(async {
        let server = Server::start(&database).await;
        serde_json::to_string_pretty(&document(&server).await.0).expect("JSON")
    });
    assert_snapshot!(text);
}

#[test]
fn every_route_is_documented_and_nothing_else() {
    on_every_database(async |server| {
        let document = document(&server).await;
        let known: BTreeSet<(String, String)> =
            routes().into_iter().map(|(method, path)| (path.to_owned(), method.as_str().to_lowercase())).collect();
        let told: BTreeSet<(String, String)> =
            document.operations().map(|(path, method, _)| (path.to_owned(), method.to_owned())).collect();
        assert_eq!(known, told);
        let mut ids = BTreeSet::new();
        for (path, method, operation) in document.operations() {
            assert_ne!(operation["summary"], "", "{method} {path}: nothing is said; use Endpoint::route");
            assert!(ids.insert(operation["operationId"].as_str().expect("an id").to_owned()), "{method} {path}");
            let in_path: BTreeSet<&str> = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}')).collect();
            let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
            let described: BTreeSet<&str> =
                parameters.filter(|parameter| parameter["in"] == "path").filter_map(|parameter| parameter["name"].as_str()).collect();
            assert_eq!(described, in_path, "{method} {path}");
        }
    });
}

#[test]
fn the_examples_are_taken_and_answered_as_they_say() {
    let setup = || Setup { embeddings: Some("all-MiniLM-L6-v2"), ..Setup::default() };
    on_every_database_with(setup, async |server| {
        let jeanne = server.user("jeanne", true).await;
        load(&server).await;
        server.user("lise", false).await;
        let marc = r#"{"username":"marc","email":"marc@example.org","password":"correct-horse"}"#;
        server.ask(Method::POST, "/api/v2/user/me", None, marc).await;
        let chunk = server.ask(Method::POST, "/api/v2/indexes", Some(&jeanne), r#"{"name":"chunks","query":"vélo"}"#).await.json();
        let chunk = chunk[0]["hash"].as_str().expect("a hash").to_owned();
        server.ask(Method::POST, "/api/v2/chat", Some(&jeanne), r#"{"chat_type":"meeting"}"#).await;
        server
            .ask(Method::POST, "/api/v2/stream", Some(&jeanne), r#"{"model_name":"lectern-extractive","query":"vélo","mode":"rag"}"#)
            .await;
        server.ask(Method::POST, "/api/v2/feedback/add/1", Some(&jeanne), r#"{"type":"chat","is_good":true}"#).await;
        let mine = server.ask(Method::POST, "/api/v1/collections", Some(&jeanne), r#"{"name":"mine"}"#).await.json();
        let sent = r#"{"collection":"documents","external_id":"F8","text":"Vélos."}"#;
        let job = server.ask(Method::POST, "/api/v1/documents", Some(&jeanne), sent).await.json();
        let listed = server.ask(Method::GET, "/api/v1/documents?collection=documents", Some(&jeanne), "").await.json();
        let text = |value: &Value| value.as_str().expect("an id").to_owned();
        let (mine, job, listed) = (text(&mine["id"]), text(&job["id"]), text(&listed["first_id"]));
        let document = document(&server).await;
        // What ends something comes last; the end of the session at the very end.
        let last = |path: &str, method: &str| (path.ends_with("sign_out"), path.contains("chat/delete"), method == "delete");
        let mut operations: Vec<_> = document.operations().collect();
        operations.sort_by_key(|(path, method, _)| last(path, method));
        for (path, method, operation) in operations {
            let verb = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
            let body = &operation.get("requestBody").map_or(Value::Null, |body| body["content"]["application/json"].clone());
            let (status, success) = document.success(operation);
            if path == "/readyz" || path == "/api/v1/{path}" {
                continue;
            }
            let mut filled = path.to_owned();
            for (name, value) in [
                ("{chat_id}", "1"),
                ("{stream_id}", "1"),
                ("{feedback_id}", "1"),
                ("{file}", "swagger-ui.css"),
                ("{model}", "lectern-extractive"),
                ("{collection}", &mine),
                ("{document_id}", &listed),
                ("{chunk_id}", &chunk),
                ("{job_id}", &job),
            ] {
                filled = filled.replace(name, value);
            }
            if filled.contains("{token}") {
                let token = server.ask(Method::POST, "/api/v2/user/token/new", Some(&jeanne), r#"{"name":"mine"}"#).await.json();
                filled = filled.replace("{token}", token.as_str().expect("a token"));
            }
            filled = filled.replace("{uid}", if path.contains("sheet") { "F1" } else { &chunk });
            assert!(!filled.contains('{'), "{filled}: a value for the test");
            if path == "/api/v1/documents" && method == "get" {
                filled.push_str("?collection=documents");
            }
            let text = if body.is_null() { String::new() } else { body["example"].to_string() };
            let text = if path.ends_with("reset_password") { with_a_good_token(&server, &body["example"]).await } else { text };
            assert_ne!(text, "null", "{method} {path}: an example of a body");
            assert_eq!(document.misfit(&body["schema"], &body["example"]), None, "{method} {path}: the example of its body");
            let answer = server.ask(verb, &filled, Some(&jeanne), &text).await;
            assert_eq!(answer.status, status, "{method} {filled} {text}: {}", answer.body);
            let content = &success["application/json"];
            if content.is_null() {
                let kind = answer.headers.get("content-type").expect("a type").to_str().expect("text").to_owned();
                assert!(success.get(&kind).is_some() || path.contains("{file}"), "{method} {path}: {kind}");
                continue;
            }
            assert_eq!(document.misfit(&content["schema"], &answer.json()), None, "{method} {path}: {}", answer.body);
            assert_eq!(document.misfit(&content["schema"], &content["example"]), None, "{method} {path}: the example of its answer");
            // Where names are data, such as those of models, an example has its own.
            let names_are_data = !document.resolved(&content["schema"])["additionalProperties"].is_null();
            if path != "/api/openapi.json" && !names_are_data {
                assert!(
                    names(&content["example"]).is_subset_of(&names(&answer.json())),
                    "{method} {path}: {} and {}",
                    content["example"],
                    answer.body
                );
            }
        }
    });
}

/// The example of a new password with a token that was sent just now.
async fn with_a_good_token(server: &Server, example: &Value) -> String {
    server.ask(Method::POST, "/api/v2/send_reset_password_email", None, r#"{"email":"lise@example.org"}"#).await;
    let mail = server.mails().pop().expect("a mail");
    let mut body = example.clone();
    body["token"] = mail.text.split_once("token=").expect("a link").1.into();
    body.to_string()
}

/// Whether what is said is there.
trait SubsetOf {
    fn is_subset_of(&self, other: &Self) -> bool;
}

impl SubsetOf for Option<BTreeSet<&String>> {
    fn is_subset_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(own), Some(other)) => own.is_subset(other),
            _ => true,
        }
    }
}

#[test]
fn the_pages_load_nothing_from_elsewhere() {
    on_every_database(async |server| {
        for page in ["/api/docs", "/api/redoc"] {
            let answer = server.ask(Method::GET, page, None, "").await;
            let policy = answer.headers.get("content-security-policy").expect("a policy").to_str().expect("text");
            assert!(policy.starts_with("default-src 'self'") && !policy.contains("http"), "{policy}");
            assert!(!answer.body.contains("//"), "{}", answer.body);
            let files = answer.body.split('"').filter(|part| part.starts_with("/api/docs/"));
            let mut loaded = 0;
            for file in files {
                let file = server.ask(Method::GET, file, None, "").await;
                assert_eq!(file.status, 200);
                loaded += 1;
            }
            assert!(loaded >= 2, "{}", answer.body);
        }
        assert_eq!(server.ask(Method::GET, "/api/docs/../../etc/passwd", None, "").await.status, 404);
        assert_eq!(server.ask(Method::GET, "/api/docs/unknown.js", None, "").await.body, r#"{"detail":"Not Found"}"#);
    });
}
