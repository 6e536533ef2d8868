//! Who sees what: every route, for the owner, for somebody else and for an administrator, with a private and with a public collection. What one
//! may not read is answered like what is not there, letter by letter.

use crate::{
    collections::create,
    support::{Answer, Server, on_every_database},
};
use actix_web::http::Method;
use lectern_http::routes;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A collection with a document that was found, by all names of it.
struct Filled {
    name: &'static str,
    id: String,
    document: String,
    chunk: String,
    job: String,
}

/// A collection of jeanne's with one document.
async fn fill(server: &Server, jeanne: &str, name: &'static str) -> Filled {
    let id = create(server, jeanne, &json!({ "name": name }).to_string()).await;
    let body = json!({ "collection": name, "external_id": "secret", "text": format!("Le zèbre de {name}.") }).to_string();
    let job = server.ask(Method::POST, "/api/v1/documents", Some(jeanne), &body).await.json();
    assert_eq!(server.settled(jeanne, &job).await["status"], "completed");
    let first = async |path: &str| {
        let listed = server.ask(Method::GET, path, Some(jeanne), "").await.json();
        listed["first_id"].as_str().unwrap_or_else(|| panic!("{path}: {listed}")).to_owned()
    };
    let document = first(&format!("/api/v1/documents?collection={name}")).await;
    let chunk = first(&format!("/api/v1/documents/{document}/chunks")).await;
    Filled { name, id, document, chunk, job: job["id"].as_str().expect("an id").to_owned() }
}

/// A request, with what stands for its collection, document, chunk and job.
struct Probe {
    route: &'static str,
    method: Method,
    path: String,
    body: String,
}

const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// What reads a collection, or what is in it, by its ids: every such route.
fn reads(of: &Filled) -> Vec<Probe> {
    let get = |route, path: String| Probe { route, method: Method::GET, path, body: String::new() };
    let post = |route, path: &str, body: Value| Probe { route, method: Method::POST, path: path.to_owned(), body: body.to_string() };
    let asked = json!([{ "role": "user", "content": "Le zèbre ?" }]);
    vec![
        get("GET /api/v1/collections/{collection}", format!("/api/v1/collections/{}", of.id)),
        get("GET /api/v1/documents", format!("/api/v1/documents?collection={}", of.id)),
        get("GET /api/v1/documents/{document_id}", format!("/api/v1/documents/{}", of.document)),
        get("GET /api/v1/documents/{document_id}/chunks", format!("/api/v1/documents/{}/chunks", of.document)),
        get("GET /api/v1/chunks/{chunk_id}", format!("/api/v1/chunks/{}", of.chunk)),
        post("POST /api/v1/search", "/api/v1/search", json!({ "query": "zèbre", "collections": [of.id] })),
        post(
            "POST /api/v1/chat/completions",
            "/api/v1/chat/completions",
            json!({ "model": "lectern-extractive", "messages": asked, "rag": { "mode": "rag", "collections": [of.id] } }),
        ),
        post(
            "POST /api/v2/stream",
            "/api/v2/stream",
            json!({ "model_name": "lectern-extractive", "query": "zèbre", "mode": "rag", "collections": [of.id] }),
        ),
        post(
            "POST /api/v2/stream/chat/{chat_id}",
            "/api/v2/stream/chat/CHAT",
            json!({ "model_name": "lectern-extractive", "query": "zèbre", "mode": "rag", "collections": [of.id] }),
        ),
        get("GET /api/v2/get_chunk/{uid}", format!("/api/v2/get_chunk/{}", of.chunk)),
        post("POST /api/v2/get_chunks", "/api/v2/get_chunks", json!({ "uids": [of.chunk] })),
    ]
}

/// What changes it.
fn writes(of: &Filled) -> Vec<Probe> {
    let body = json!({ "collection": of.id, "external_id": "other", "text": "x" });
    vec![
        Probe {
            route: "PATCH /api/v1/collections/{collection}",
            method: Method::PATCH,
            path: format!("/api/v1/collections/{}", of.id),
            body: json!({ "name": "taken" }).to_string(),
        },
        Probe { route: "POST /api/v1/documents", method: Method::POST, path: "/api/v1/documents".into(), body: body.to_string() },
        Probe {
            route: "DELETE /api/v1/documents/{document_id}",
            method: Method::DELETE,
            path: format!("/api/v1/documents/{}", of.document),
            body: String::new(),
        },
        Probe {
            route: "DELETE /api/v1/collections/{collection}",
            method: Method::DELETE,
            path: format!("/api/v1/collections/{}", of.id),
            body: String::new(),
        },
    ]
}

/// What lists, and takes no id.
const LISTS: [&str; 3] = ["GET /api/v1/collections", "GET /api/v1/jobs", "POST /api/v1/collections"];

/// Who sent a file, and who may change what it goes into, sees its job.
const JOB: &str = "GET /api/v1/jobs/{job_id}";

async fn send(server: &Server, token: &str, probe: &Probe, chat: &str) -> Answer {
    server.ask(probe.method.clone(), &probe.path.replace("CHAT", chat), Some(token), &probe.body).await
}

/// An answer without the ids that were asked for and what no two answers share.
fn without_ids(answer: &Answer, of: &Filled) -> (u16, String) {
    let body = [&of.id, &of.document, &of.chunk, &of.job].into_iter().fold(answer.body.clone(), |body, id| body.replace(id.as_str(), "ID"));
    (answer.status.as_u16(), body)
}

#[test]
fn every_route_is_probed() {
    let one = Filled { name: "", id: String::new(), document: String::new(), chunk: String::new(), job: String::new() };
    let probed: BTreeSet<&str> = reads(&one).iter().chain(&writes(&one)).map(|probe| probe.route).chain(LISTS).chain([JOB]).collect();
    for (method, path) in routes() {
        // Those of models, and of what is passed on, know no collections.
        let other = ["/api/v1/models", "/api/v1/models/{model}", "/api/v1/embeddings", "/api/v1/{path}"].contains(&path);
        if path.starts_with("/api/v1") && !other {
            let route = format!("{method} {path}");
            assert!(probed.contains(route.as_str()), "{route} is not probed");
        }
    }
}

#[test]
fn what_one_may_not_read_is_answered_like_what_is_not_there() {
    on_every_database(async |server| {
        let (jeanne, paul) = (server.user("jeanne", false).await, server.user("paul", false).await);
        let private = fill(&server, &jeanne, "private").await;
        let absent = Filled { name: "absent", id: NOBODY.into(), document: "999999".into(), chunk: NOBODY.into(), job: NOBODY.into() };
        server.ask(Method::POST, "/api/v2/chat", Some(&paul), r#"{"chat_type":"meeting"}"#).await;
        for (probe, nothing) in reads(&private).iter().chain(&writes(&private)).zip(reads(&absent).iter().chain(&writes(&absent))) {
            let (of, none) = (send(&server, &paul, probe, "1").await, send(&server, &paul, nothing, "1").await);
            assert_eq!(without_ids(&of, &private), without_ids(&none, &absent), "{}", probe.route);
            assert!(!of.body.contains("zèbre") && !of.body.contains("secret"), "{}: {}", probe.route, of.body);
            assert_eq!(of.status, if probe.route.contains("get_chunk") { 200 } else { 404 }, "{}: {}", probe.route, of.body);
        }
        // By its name, too, and in lists.
        let named = async |name: &str| server.ask(Method::GET, &format!("/api/v1/collections/{name}"), Some(&paul), "").await;
        assert_eq!((named(private.name).await.status.as_u16(), named("absent").await.status.as_u16()), (404, 404));
        for path in ["/api/v1/collections", "/api/v1/jobs"] {
            let listed = server.ask(Method::GET, path, Some(&paul), "").await.json();
            assert_eq!(listed["data"], json!([]), "{path}");
            let (of, none) = (format!("{path}?after={}", private.id), format!("{path}?after={NOBODY}"));
            let (of, none) = (server.ask(Method::GET, &of, Some(&paul), "").await, server.ask(Method::GET, &none, Some(&paul), "").await);
            assert_eq!((of.status, &of.body), (none.status, &none.body), "{path}");
        }
        let job = async |id: &str| server.ask(Method::GET, &format!("/api/v1/jobs/{id}"), Some(&paul), "").await;
        let (of, none) = (job(&private.job).await, job(NOBODY).await);
        assert_eq!((of.status.as_u16(), of.body), (404, none.body));
        assert_eq!(create(&server, &paul, r#"{"name":"private"}"#).await.len(), 36, "the name is free for everybody else");
        // Nothing of it was changed.
        for probe in reads(&private).iter().filter(|probe| probe.route.contains("/api/v1/")) {
            assert_eq!(send(&server, &jeanne, probe, "1").await.status, 200, "{}", probe.route);
        }
    });
}

#[test]
fn the_owner_and_administrators_read_and_change_everything() {
    on_every_database(async |server| {
        let (jeanne, root) = (server.user("jeanne", false).await, server.user("root", true).await);
        for (token, name) in [(&jeanne, "first"), (&root, "second")] {
            let of = fill(&server, &jeanne, name).await;
            let chat = server.ask(Method::POST, "/api/v2/chat", Some(token), r#"{"chat_type":"meeting"}"#).await.json()["id"].to_string();
            for probe in reads(&of) {
                let answer = send(&server, token, &probe, &chat).await;
                assert_eq!(answer.status, 200, "{}: {}", probe.route, answer.body);
                if !probe.route.contains("/stream") && probe.route != "GET /api/v1/collections/{collection}" {
                    assert!(answer.body.contains(&of.document) || answer.body.contains(&of.chunk), "{}: {}", probe.route, answer.body);
                }
            }
            let job = server.ask(Method::GET, &format!("/api/v1/jobs/{}", of.job), Some(token), "").await;
            assert_eq!(job.status, 200);
            for probe in writes(&of) {
                let answer = send(&server, token, &probe, &chat).await;
                assert!(answer.status.is_success(), "{}: {} {}", probe.route, answer.status, answer.body);
            }
        }
    });
}

#[test]
fn what_is_public_is_read_by_all_and_changed_by_its_owner() {
    on_every_database(async |server| {
        let (jeanne, paul, root) = (server.user("jeanne", false).await, server.user("paul", false).await, server.user("root", true).await);
        let of = fill(&server, &jeanne, "shared").await;
        let publish = server.ask(Method::PATCH, &format!("/api/v1/collections/{}", of.id), Some(&root), r#"{"visibility":"public"}"#).await;
        assert_eq!(publish.status, 200);
        server.ask(Method::POST, "/api/v2/chat", Some(&paul), r#"{"chat_type":"meeting"}"#).await;
        for probe in reads(&of) {
            let answer = send(&server, &paul, &probe, "1").await;
            assert_eq!(answer.status, 200, "{}: {}", probe.route, answer.body);
        }
        for probe in writes(&of) {
            let answer = send(&server, &paul, &probe, "1").await;
            assert_eq!(
                (answer.status.as_u16(), answer.json()["error"]["code"].as_str()),
                (403, Some("permission_denied")),
                "{}",
                probe.route
            );
        }
        // Who sent what goes into it stays jeanne's own affair.
        let job = server.ask(Method::GET, &format!("/api/v1/jobs/{}", of.job), Some(&paul), "").await;
        assert_eq!(job.status, 404);
        // Taken back, it is out of sight at once.
        server.ask(Method::PATCH, &format!("/api/v1/collections/{}", of.id), Some(&jeanne), r#"{"visibility":"private"}"#).await;
        for probe in reads(&of) {
            let answer = send(&server, &paul, &probe, "1").await;
            let expect = if probe.route.contains("get_chunk") { 200 } else { 404 };
            assert!(answer.status == expect && !answer.body.contains("zèbre"), "{}: {}", probe.route, answer.body);
        }
    });
}

#[test]
fn a_stream_is_answered_from_what_its_caller_may_read_then() {
    on_every_database(async |server| {
        let (jeanne, paul, root) = (server.user("jeanne", false).await, server.user("paul", false).await, server.user("root", true).await);
        let of = fill(&server, &jeanne, "shared").await;
        let change = async |visibility: &str| {
            let body = json!({ "visibility": visibility }).to_string();
            assert_eq!(server.ask(Method::PATCH, &format!("/api/v1/collections/{}", of.id), Some(&root), &body).await.status, 200);
        };
        change("public").await;
        let body = r#"{"model_name":"lectern-extractive","query":"Le zèbre ?","mode":"rag","collections":["shared"]}"#;
        let asked = server.ask(Method::POST, "/api/v2/stream", Some(&paul), body).await.json();
        assert_eq!(asked["collections"], json!([of.id]));
        let start = format!("/api/v2/stream/{}/start", asked["id"]);
        let answer = server.ask(Method::GET, &start, Some(&paul), "").await;
        assert!(answer.status == 200 && answer.body.contains("shared"), "{}", answer.body);
        let kept = server.ask(Method::GET, &format!("/api/v2/stream/{}", asked["id"]), Some(&paul), "").await.json();
        assert_eq!(kept["rag_sources"], json!([of.chunk]));
        let source = server.ask(Method::GET, &format!("/api/v2/get_chunk/{}", of.chunk), Some(&paul), "").await.json();
        assert_eq!(source["sid"], "secret", "its source can be read, whatever collection it is in");
        change("private").await;
        let refused = server.ask(Method::GET, &start, Some(&paul), "").await;
        assert_eq!(refused.status, 404, "{}", refused.body);
        assert_eq!(server.ask(Method::GET, &format!("/api/v2/get_chunk/{}", of.chunk), Some(&paul), "").await.body, "{}");
        // A stream without them is as it was.
        let plain = server.ask(Method::POST, "/api/v2/stream", Some(&paul), r#"{"model_name":"lectern-extractive","query":"q"}"#).await;
        assert!(plain.json().get("collections").is_none());
    });
}
