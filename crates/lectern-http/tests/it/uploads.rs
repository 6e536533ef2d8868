//! Documents that are sent: as JSON, as files, and what becomes of them.

use crate::{
    collections::create,
    support::{UPLOAD_BYTES, on_every_database},
};
use actix_web::{http::Method, test::TestRequest};
use insta::assert_snapshot;
use serde_json::{Value, json};

const DOCUMENTS: &str = "/api/v1/documents";

#[test]
fn a_document_s_life() {
    let transcript = on_every_database(async |server| {
        let jeanne = server.user("jeanne", false).await;
        create(&server, &jeanne, r#"{"name":"docs","fields":{"year":"number"}}"#).await;
        let say = async |method, path: &str, body: &str| server.say(method, path, Some(&jeanne), body).await;
        let body = r##"{"collection":"docs","external_id":"F9","title":"Vélos","url":"https://example.org/F9","source":"web","metadata":{"year":2026},"format":"markdown","text":"# Louer\n\nVingt euros par an."}"##;
        let job = say(Method::POST, DOCUMENTS, body).await.json();
        let settled = server.settled(&jeanne, &job).await;
        assert_eq!(settled["progress"]["added"], 1, "{settled}");
        say(Method::GET, &format!("/api/v1/jobs/{}", job["id"].as_str().expect("an id")), "").await;
        say(Method::GET, &format!("{DOCUMENTS}?collection=docs"), "").await;
        say(Method::GET, &format!("{DOCUMENTS}?collection=docs&external_id=F9"), "").await;
        say(Method::GET, &format!("{DOCUMENTS}?collection=docs&external_id=F8"), "").await;
        say(Method::GET, &format!("{DOCUMENTS}/1"), "").await;
        let chunks = say(Method::GET, &format!("{DOCUMENTS}/1/chunks"), "").await.json();
        say(Method::GET, &format!("/api/v1/chunks/{}", chunks["first_id"].as_str().expect("an id")), "").await;
        say(
            Method::POST,
            "/api/v1/search",
            r#"{"query":"vingt euros","collections":["docs"],"filters":{"type":"gte","key":"year","value":2026}}"#,
        )
        .await;
        server.note("another text under the same id replaces it");
        let replaced = say(Method::POST, DOCUMENTS, r#"{"collection":"docs","external_id":"F9","text":"Trente euros."}"#).await.json();
        assert_eq!(server.settled(&jeanne, &replaced).await["progress"]["replaced"], 1);
        say(Method::GET, &format!("{DOCUMENTS}/1"), "").await;
        say(Method::GET, &format!("/api/v1/chunks/{}", chunks["first_id"].as_str().expect("an id")), "").await;
        say(Method::POST, "/api/v1/search", r#"{"query":"vingt trente euros","collections":["docs"]}"#).await;
        server.note("deleted");
        say(Method::DELETE, &format!("{DOCUMENTS}/1"), "").await;
        for gone in [DOCUMENTS.to_owned() + "/1", DOCUMENTS.to_owned() + "/1/chunks", DOCUMENTS.to_owned() + "?collection=docs"] {
            say(Method::GET, &gone, "").await;
        }
        say(Method::DELETE, &format!("{DOCUMENTS}/1"), "").await;
        say(Method::POST, "/api/v1/search", r#"{"query":"trente euros","collections":["docs"]}"#).await;
        server.note("no ids");
        for path in ["/api/v1/documents/x", "/api/v1/documents/01", "/api/v1/documents/99999999999", "/api/v1/chunks/x", "/api/v1/jobs/x"] {
            say(Method::GET, path, "").await;
        }
    });
    assert_snapshot!(transcript);
}

#[test]
fn files() {
    let transcript = on_every_database(async |server| {
        let jeanne = server.user("jeanne", false).await;
        create(&server, &jeanne, r#"{"name":"docs","fields":{"year":"number"}}"#).await;
        let lines = concat!(
            r#"{"_id":"a","title":"A","text":"Un vélo.","year":2026}"#,
            "\n\nnot json\n",
            r#"{"_id":"b","text":"Deux vélos.","year":"2026"}"#,
            "\n",
            r#"{"_id":"c","text":"Trois vélos."}"#,
        );
        for (values, name, kind, bytes) in [
            (vec![], "a.jsonl", "application/octet-stream", lines.as_bytes()),
            (vec![("format", "jsonl")], "lines", "", b"{\"text\":1}\n".as_slice()),
            (
                vec![("title", "Titre"), ("source", "web"), ("metadata", r#"{"year":2025}"#)],
                "b.md",
                "text/markdown",
                "# Autre\n\nUn texte.".as_bytes(),
            ),
            (vec![("external_id", "page-1")], "", "text/html", b"<title>Page</title><p>Un texte.</p>"),
            (vec![], "c.txt", "text/plain", b"Plain."),
            (vec![], "empty.txt", "text/plain", b""),
            (vec![], "broken.txt", "text/plain", b"\xff\xfe"),
            (vec![("metadata", r#"{"year":"x"}"#)], "d.txt", "text/plain", b"Plain."),
        ] {
            let values: Vec<_> = [("collection", "docs")].into_iter().chain(values).collect();
            let sent = server.say_upload(&jeanne, &values, Some((name, kind, bytes))).await;
            if sent.status == 202 {
                let ended = server.settled(&jeanne, &sent.json()).await;
                let shown = json!([ended["status"], ended["progress"], ended["errors"], ended["error"]]);
                server.note(&shown.to_string());
            }
        }
        server.say(Method::GET, "/api/v1/documents?collection=docs&order=asc", Some(&jeanne), "").await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn forms_that_are_refused() {
    let transcript = on_every_database(async |server| {
        let (jeanne, paul) = (server.user("jeanne", false).await, server.user("paul", false).await);
        create(&server, &jeanne, r#"{"name":"docs"}"#).await;
        let file = Some(("a.txt", "text/plain", b"x".as_slice()));
        let docs = ("collection", "docs");
        server.say_upload(&jeanne, &[docs], None).await;
        server.say_upload(&jeanne, &[], file).await;
        server.say_upload(&jeanne, &[("collection", "unknown")], file).await;
        server.say_upload(&paul, &[docs], file).await;
        server.say_upload(&jeanne, &[docs], Some(("a.pdf", "application/pdf", b"%PDF".as_slice()))).await;
        server.say_upload(&jeanne, &[docs, ("format", "pdf")], file).await;
        server.say_upload(&jeanne, &[docs, ("metadata", "[]")], file).await;
        server.say_upload(&jeanne, &[docs, ("metadata", "{")], file).await;
        server.say_upload(&jeanne, &[docs, ("external_id", "")], file).await;
        server.say_upload(&jeanne, &[docs, ("title", "T")], Some(("a.jsonl", "", b"{}".as_slice()))).await;
        server.say_upload(&jeanne, &[docs], Some(("", "text/plain", b"x".as_slice()))).await;
        server.note("parts that are too long are not kept in memory");
        let long = "x".repeat(70_000);
        let answer = server.upload(&jeanne, &[docs, ("title", &long)], file).await;
        server.note(&format!("{} {}", answer.status.as_u16(), answer.body));
        for (kind, body) in [
            ("text/plain", "x"),
            ("multipart/form-data", "x"),
            ("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"collection\"\r\n\r\ndocs"),
            (
                "multipart/form-data; boundary=b",
                "--b\r\nContent-Disposition: form-data; name=\"collection\"\r\n\r\ndocs\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nT\r\n--b--\r\n",
            ),
            (
                "multipart/form-data; boundary=b",
                "--b\r\nContent-Disposition: form-data; name=\"collection\"\r\n\r\ndocs\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\ncut of",
            ),
        ] {
            let request = TestRequest::post().uri(DOCUMENTS).insert_header(("authorization", format!("Bearer {jeanne}")));
            let answer = server.send(request.insert_header(("content-type", kind)).set_payload(body)).await;
            server.note(&format!("{kind} {body:?}: {} {}", answer.status.as_u16(), answer.body));
        }
        server.note("nothing was kept");
        server.say(Method::GET, "/api/v1/jobs", Some(&jeanne), "").await;
        server.say(Method::GET, "/api/v1/documents?collection=docs", Some(&jeanne), "").await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn json_that_is_refused() {
    let transcript = on_every_database(async |server| {
        let (jeanne, root) = (server.user("jeanne", false).await, server.user("root", true).await);
        create(&server, &root, r#"{"name":"all","visibility":"public","fields":{"day":"date"}}"#).await;
        for body in [
            "{}",
            r#"{"collection":"nothing","external_id":"a","text":"t"}"#,
            r#"{"collection":"all","external_id":"a","text":"t"}"#,
            r#"{"collection":"a b","external_id":"a","text":"t"}"#,
        ] {
            server.say(Method::POST, DOCUMENTS, Some(&jeanne), body).await;
        }
        for body in [
            r#"{"collection":"all","external_id":"a","text":"t","metadata":{"day":"yesterday"}}"#,
            r#"{"collection":"all","external_id":"a","text":"t","metadata":{"x":"a\u0000b"}}"#,
            r#"{"collection":"all","external_id":"a","text":"t","metadata":{"x":123456789012345678901}}"#,
            r#"{"collection":"all","external_id":"a","text":"t","format":"jsonl"}"#,
            r#"{"collection":"all","external_id":"a\nb","text":"t"}"#,
            r#"{"collection":"all","external_id":"a","text":"t","titel":"T"}"#,
        ] {
            server.say(Method::POST, DOCUMENTS, Some(&root), body).await;
        }
        let long = json!({ "collection": "all", "external_id": "a", "text": "t".repeat(5000) }).to_string();
        let answer = server.ask(Method::POST, DOCUMENTS, Some(&root), &long).await;
        server.note(&format!("5,000 characters: {} {}", answer.status.as_u16(), answer.body));
    });
    assert_snapshot!(transcript);
}

#[test]
fn a_file_of_several_parts_is_read_line_by_line() {
    on_every_database(async |server| {
        let jeanne = server.user("jeanne", false).await;
        create(&server, &jeanne, r#"{"name":"docs"}"#).await;
        // Lines of about 300 KB, so that borders of parts lie within lines; the last one has no end.
        let lines: Vec<String> =
            (0..7).map(|n| json!({ "_id": format!("d{n}"), "text": format!("{n} {}", "mot ".repeat(75_500 + n)) }).to_string()).collect();
        let bytes = lines.join("\n");
        assert!(bytes.len() > 2 << 20 && bytes.len() as u64 <= UPLOAD_BYTES, "{}", bytes.len());
        let sent = server.upload(&jeanne, &[("collection", "docs")], Some(("a.jsonl", "", bytes.as_bytes()))).await;
        let ended = server.settled(&jeanne, &sent.json()).await;
        assert_eq!(
            (&ended["status"], &ended["progress"]["added"], &ended["progress"]["bytes"]),
            (&json!("completed"), &json!(7), &json!(bytes.len())),
            "{ended}"
        );
        let listed = server.ask(Method::GET, "/api/v1/documents?collection=docs&order=asc", Some(&jeanne), "").await.json();
        let sizes: Vec<&Value> = listed["data"].as_array().expect("a list").iter().map(|one| &one["bytes"]).collect();
        assert_eq!(sizes, (0..7).map(|n| json!(2 + 4 * (75_500 + n))).collect::<Vec<_>>().iter().collect::<Vec<_>>());
    });
}

#[test]
fn a_file_that_is_too_large_is_refused_and_leaves_nothing() {
    let told = "The file is larger than 2197152 bytes: cut it into several, or have limits.upload_bytes raised.";
    on_every_database(async |server| {
        let jeanne = server.user("jeanne", false).await;
        create(&server, &jeanne, r#"{"name":"docs"}"#).await;
        let most = usize::try_from(UPLOAD_BYTES).expect("a size");
        let send =
            async |size: usize| server.upload(&jeanne, &[("collection", "docs")], Some(("a.txt", "text/plain", &vec![b'x'; size]))).await;
        assert_eq!(send(most).await.status, 202);
        let refused = send(most + 1).await;
        assert_eq!((refused.status.as_u16(), refused.json()["error"]["message"].as_str()), (413, Some(told)));
        server.note("announced");
        let (kind, body) = crate::support::form(&[("collection", "docs")], Some(("a.txt", "text/plain", b"x")));
        let request = TestRequest::post().uri(DOCUMENTS).insert_header(("authorization", format!("Bearer {jeanne}")));
        let request = request.insert_header(("content-type", kind)).set_payload(body).insert_header(("content-length", "99999999"));
        let refused = server.send(request).await;
        assert_eq!((refused.status.as_u16(), refused.json()["error"]["code"].as_str()), (413, Some("too_large")));
        let jobs = server.ask(Method::GET, "/api/v1/jobs", Some(&jeanne), "").await.json();
        assert_eq!(jobs["data"].as_array().map(Vec::len), Some(1));
    });
}

#[test]
fn an_account_has_a_few_files_waiting_at_once() {
    on_every_database(async |server| {
        let (jeanne, paul) = (server.user("jeanne", false).await, server.user("paul", false).await);
        for token in [&jeanne, &paul] {
            create(&server, token, r#"{"name":"docs"}"#).await;
        }
        let send = async |token: &str, id: usize| {
            let body = json!({ "collection": "docs", "external_id": id.to_string(), "text": "x" }).to_string();
            server.ask(Method::POST, DOCUMENTS, Some(token), &body).await
        };
        let first = send(&jeanne, 0).await.json();
        for id in 1..3 {
            assert_eq!(send(&jeanne, id).await.status, 202);
        }
        let refused = send(&jeanne, 3).await;
        assert_eq!((refused.status.as_u16(), refused.headers.contains_key("retry-after")), (429, true));
        assert_eq!(send(&paul, 0).await.status, 202, "everybody has their own");
        server.settled(&jeanne, &first).await;
        let jobs = server.ask(Method::GET, "/api/v1/jobs", Some(&jeanne), "").await.json();
        assert_eq!(jobs["data"].as_array().map(Vec::len), Some(3), "{jobs}");
    });
}
