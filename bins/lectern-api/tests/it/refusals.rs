//! Starts that can't succeed: one line that says what to do, and nothing half-written.

use crate::support::{Server, command, databases, fails};
use std::fs;

/// The message is one line, from the program, with these words.
#[track_caller]
fn check(error: &str, words: &[&str]) {
    let lines: Vec<&str> = error.lines().filter(|line| line.starts_with("lectern-api: ")).collect();
    assert_eq!((lines.len(), error.lines().last()), (1, lines.first().copied()), "{error}");
    for word in words {
        assert!(lines[0].contains(word), "'{word}' is not in: {}", lines[0]);
    }
}

#[test]
fn a_port_in_use() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(&mut command(folder.path()));
    let other = tempfile::tempdir().expect("a folder");
    let mut again = std::process::Command::new(env!("CARGO_BIN_EXE_lectern-api"));
    again.env_clear().current_dir(other.path()).args(["--data-dir", "data", "--listen", server.address()]);
    let (code, error) = fails(&mut again);
    assert_eq!(code, 1);
    check(&error, &["cannot listen on", "in use", "--listen"]);
    assert!(!other.path().join("data").exists(), "nothing was written");
}

#[test]
fn a_data_folder_that_cannot_be_written() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("data"), "a file").expect("a file");
    let (code, error) = fails(&mut command(folder.path()));
    assert_eq!(code, 1);
    check(&error, &["data folder", "--data-dir"]);
}

#[test]
fn an_unknown_setting_and_a_wrong_value() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, error) = fails(command(folder.path()).env("LECTERN__HTTP__LISTNE", "127.0.0.1:1"));
    check(&error, &["LECTERN__HTTP__LISTNE", "LECTERN__HTTP__LISTEN"]);
    fs::write(folder.path().join("lectern.toml"), "[http]\nworkers = \"many\"\n").expect("a file");
    let (_, error) = fails(&mut command(folder.path()));
    check(&error, &["http.workers", "lectern.toml"]);
}

#[test]
fn a_wrong_database_url() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, error) = fails(command(folder.path()).env("DATABASE_URL", "mysql://somebody:hidden@localhost/x"));
    assert_eq!(code, 1);
    check(&error, &["postgres"]);
    assert!(!error.contains("hidden"), "{error}");
    // Port 1 of this machine: nobody listens there.
    let (code, error) = fails(command(folder.path()).env("DATABASE_URL", "postgres://somebody:hidden@127.0.0.1:1/x"));
    assert_eq!(code, 1);
    check(&error, &["127.0.0.1", "check the port"]);
    assert!(!error.contains("hidden"), "{error}");
}

#[test]
fn a_schema_that_is_behind() {
    for database in databases() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut start = command(folder.path());
        start.env("DATABASE_URL", database.url().expose()).env("LECTERN__DATABASE__AUTO_UPGRADE", "false");
        let (code, error) = fails(&mut start);
        assert_eq!(code, 3, "{error}");
        check(&error, &["behind", "lectern db upgrade", "--auto-upgrade"]);
    }
}

/// Writes files below a folder, names them by a setting, and expects the start to end with 1 and a line that has these words.
#[track_caller]
fn check_files(setting: &str, named: &str, files: &[(&str, &str)], words: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    let (code, error) = fails(command(folder.path()).env(setting, folder.path().join(named)));
    assert_eq!(code, 1, "{error}");
    check(&error, words);
    // Named by its whole path.
    check(&error, &[folder.path().to_str().expect("text")]);
}

#[test]
fn a_prompt_configuration_that_is_wrong() {
    let with = |config: &str, words: &[&str]| {
        check_files("LECTERN__PROMPTS__FOLDER", "p", &[("p/prompt_config.yml", config), ("p/a.jinja", "{{ query }}")], words);
    };
    let mode = |rest: &str| format!("prompts:\n  - mode: a\n    template: a.jinja\n{rest}");
    with("temperature: 0.3\nprompts: [\n", &["p/prompt_config.yml: ", "line "]);
    with("max_tokens: 8192\ntemperature: warm\n", &["p/prompt_config.yml: ", "line 2"]);
    with("prompts:\n  - mode: a\n", &["p/prompt_config.yml: ", "template", "line 2"]);
    with("models:\n  - max_tokens: 3\n", &["p/prompt_config.yml: ", "model_kind"]);
    with("temperature: 3\n", &["p/prompt_config.yml: temperature: 3 is not between 0 and 2"]);
    with("temperature: .nan\n", &["p/prompt_config.yml: temperature: NaN is not between 0 and 2"]);
    with(&mode("    max_tokens: 0\n"), &["p/prompt_config.yml: prompts[0].max_tokens: 0 leaves no room"]);
    with("models:\n  - { model_kind: m, temperature: -1 }\n", &["p/prompt_config.yml: models[0].temperature: -1 is not between"]);
    with(&mode("  - mode: a\n    template: a.jinja\n"), &["p/prompt_config.yml: prompts[1].mode: 'a' is there twice"]);
    with(&mode("    system_prompt: {}\n"), &["p/prompt_config.yml: prompts[0].system_prompt: there is no text in it"]);
    with(&mode("    system_prompt: { xx: hello }\n"), &["p/prompt_config.yml: ", "line 4", "texts by their languages: fr, en"]);
    with(
        "prompts:\n  - { mode: a, template: ../a.jinja }\n",
        &["p/prompt_config.yml: the template '../a.jinja' is not named by a path below"],
    );
    with("prompts:\n  - { mode: a, template: b.jinja }\n", &["p/b.jinja: No such file"]);
    check_files("LECTERN__PROMPTS__FOLDER", "p", &[("p/other.yml", "")], &["p/prompt_config.yml: No such file"]);
    check_files("LECTERN__PROMPTS__FOLDER", "nowhere", &[], &["nowhere/prompt_config.yml: No such file"]);
}

#[test]
fn a_template_that_is_wrong() {
    let config = "prompts:\n  - { mode: a, template: { fr: a.jinja, en: en/b.jinja } }\n";
    let with = |template: &str, words: &[&str]| {
        let files = [("p/prompt_config.yml", config), ("p/a.jinja", "{{ query }}"), ("p/en/b.jinja", template)];
        check_files("LECTERN__PROMPTS__FOLDER", "p", &files, words);
    };
    with("Hello\n{{ query", &["p/en/b.jinja: ", "syntax error", "en/b.jinja:2"]);
    with("Hello\n\n{% for x in themes %}", &["p/en/b.jinja: ", "syntax error", "en/b.jinja:3"]);
    with("{{ query }}\n{{ query|translated }}", &["p/en/b.jinja: unknown filter", "translated", "en/b.jinja:2"]);
    with("{{ nothing.at.all }}", &["p/en/b.jinja: undefined value", "en/b.jinja:1"]);
    with("{% for chunk in chunks_collection %}\n{{ chunk.url.of.it }}{% endfor %}", &["p/en/b.jinja: ", "en/b.jinja:2"]);
}

#[test]
fn a_data_file_that_is_wrong() {
    let with = |setting: &str, text: &str, words: &[&str]| {
        check_files(setting, "list.json", &[("list.json", text)], &["list.json: "]);
        check_files(setting, "list.json", &[("list.json", text)], words);
    };
    let acronyms = "LECTERN__DATA__ACRONYMS";
    with(acronyms, "[\n{\"symbol\": \"CAF\"}]", &["missing field `text` at line 2"]);
    with(acronyms, "[\n\n{\"symbol\": 3, \"text\": \"x\"}]", &["expected a string at line 3"]);
    with(acronyms, "{\"CAF\": \"x\", \"SIP\": 7}", &["'SIP' stands for 7, which is no text"]);
    with(acronyms, "{\"CAF\":\n", &["EOF while parsing a value at line 2"]);
    with(acronyms, "CAF", &["expected value at line 1"]);
    let whitelist = "LECTERN__DATA__WHITELIST";
    with(whitelist, "{\n\"mail_whitelist\": \"a@b.fr\"}", &["expected a sequence at line 2"]);
    with(whitelist, "[", &["line 1"]);
    let organizations = "LECTERN__DATA__ORGANIZATIONS";
    with(organizations, "[{\"id\": \"1\", \"name\": \"a\"},\n{\"id\": 2, \"name\": \"b\"}]", &["expected a string at line 2"]);
    with(organizations, "[{\"id\": \"1\"}]", &["missing field `name` at line 1"]);
    let institutions = "LECTERN__DATA__INSTITUTIONS";
    with(institutions, "[\"a\",\n{}]", &["expected a string at line 2"]);
    with(institutions, "{}", &["expected a sequence at line 1"]);
    for setting in [acronyms, whitelist, organizations, institutions] {
        check_files(setting, "nowhere.json", &[], &["nowhere.json: No such file"]);
    }
}

#[test]
fn a_mail_s_text_that_is_wrong() {
    let with = |text: &str, words: &[&str]| check_files("LECTERN__MAIL__TEXTS", "texts", &[("texts/reset.jinja", text)], words);
    with("Hello", &["texts/reset.jinja: ", "Subject: "]);
    with("Subject: x\n\nHello\n{{ token", &["texts/reset.jinja: ", "syntax error"]);
    with("Subject: x\n\n{{ nothing.at.all }}", &["texts/reset.jinja: ", "undefined value"]);
    check_files("LECTERN__MAIL__TEXTS", "nowhere", &[], &["nowhere: there is no such folder"]);
}
