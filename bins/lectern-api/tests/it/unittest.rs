//! `ENV=unittest`: known secrets, short times, mails in a folder, models that may come later.

use crate::support::{Server, command, databases};
use serde_json::Value;
use std::{fs, path::Path};

const RESET: &str = "/api/v2/send_reset_password_email";

/// The mails of a folder: name and content, by number.
fn mails(folder: &Path) -> Vec<(String, Value)> {
    let name = |entry: fs::DirEntry| entry.file_name().to_str().expect("text").to_owned();
    let mut names: Vec<String> = fs::read_dir(folder).expect("a folder").map(|entry| name(entry.expect("an entry"))).collect();
    names.sort();
    let read = |name: String| {
        let text = fs::read_to_string(folder.join(&name)).expect("a mail");
        (name, serde_json::from_str(&text).expect("JSON"))
    };
    names.into_iter().map(read).collect()
}

#[test]
fn an_automated_test_finds_what_it_expects() {
    for database in databases() {
        let data = tempfile::tempdir().expect("a folder");
        let folder = data.path().join("mails here");
        fs::create_dir(&folder).expect("a folder");
        // A mail of an earlier run goes, a file of somebody else stays.
        fs::write(folder.join(format!("0_{}", "a".repeat(32))), "{}").expect("a file");
        fs::write(folder.join("notes.txt"), "{}").expect("a file");
        let mut start = command(data.path());
        start.env("ENV", "unittest").env("DATABASE_URL", database.url().expose()).arg("--auto-upgrade");
        start.env("LECTERN__MAIL__FOLDER", &folder).env("FRONT_URL", "https://front.x.fr").env("CONTACT_EMAIL", "contact@x.fr");
        start.env("LECTERN__LOG__LEVEL", "trace");
        let server = Server::start(&mut start);
        let sign_in = r#"{"email":"changeme@changeme.fr","password":"changeme"}"#;
        let admin = server.ask("POST", "/api/v2/sign_in", None, sign_in).json()["token"].as_str().expect("a token").to_owned();
        let me = server.ask("GET", "/api/v2/user/me", Some(&admin), "").json();
        assert_eq!((&me["username"], &me["is_admin"]), (&"changeme".into(), &true.into()));
        // Nobody listens at the address of the models, which are known by their names.
        assert!(server.ask("GET", "/api/v2/organizations/mfs", None, "").json().as_array().is_some_and(|list| !list.is_empty()));
        let jeanne = r#"{"username":"jeanne","email":"jeanne@x.fr","password":"correct-horse"}"#;
        assert_eq!(server.ask("POST", "/api/v2/user/me", None, jeanne).status, 200);
        assert_eq!(server.ask("POST", RESET, None, r#"{"email":"jeanne@x.fr"}"#).status, 200);
        assert_eq!(server.ask("POST", RESET, None, r#"{"email":"nobody@x.fr"}"#).status, 200);
        let mails = mails(&folder);
        let to = |mail: &Value| (mail["Recipients"][0]["Email"].clone(), mail["Subject"].clone());
        let expect =
            [("jeanne@x.fr", "[Albert] Bienvenue !"), ("contact@x.fr", "New user: jeanne@x.fr"), ("jeanne@x.fr", "Reset Password")];
        assert_eq!(mails.len(), 4, "{mails:?}");
        for (number, (expect, (name, mail))) in expect.into_iter().zip(&mails).enumerate() {
            assert_eq!(to(mail), (expect.0.into(), expect.1.into()));
            assert!(name.starts_with(&format!("{number}_")) && name.len() == 34, "{name}");
        }
        let text = mails[2].1["Text-part"].as_str().expect("a text");
        let token =
            text.strip_prefix("Click on this link to set your new password: https://front.x.fr/new-password?token=").expect("a link");
        let confirm = r#"{"email":"jeanne@x.fr","is_confirmed":true}"#;
        assert_eq!(server.ask("POST", "/api/v2/user/confirm", Some(&admin), confirm).status, 200);
        let reset = format!(r#"{{"token":"{token}","password":"another-horse"}}"#);
        let answer = server.ask("POST", "/api/v2/reset_password", None, &reset);
        // The link is good for three seconds, which a slow machine may need.
        assert!([(200), (400)].contains(&answer.status), "{}", answer.body);
        let contact = r#"{"subject":"s","text":"a-private-text"}"#;
        assert_eq!(server.ask("POST", "/api/v2/user/contact", Some(&admin), contact).status, 200);
        let (code, log, _) = server.stop();
        assert_eq!(code, 0, "{log}");
        for secret in [token, "correct-horse", "another-horse", "a-private-text", &admin] {
            assert!(!log.contains(secret), "a secret is in the log");
        }
    }
}
