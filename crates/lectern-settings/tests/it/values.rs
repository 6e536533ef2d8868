//! How values are read.

use crate::support::{from_env, from_file, from_flag, value};
use lectern_settings::{EmbeddingsProvider, Environment, LogFormat, Secret, Settings, Sources};

#[test]
fn lists_in_variables() {
    for text in ["['http://a', \"https://b:1\"]", "http://a,https://b:1", " http://a , https://b:1 , "] {
        let settings = from_env(&[("BACKEND_CORS_ORIGINS", text)]).expect("settings");
        assert_eq!(settings.http.cors_origins, ["http://a", "https://b:1"], "{text}");
    }
}

#[test]
fn paths_that_are_passed_on() {
    let settings = from_env(&[("LECTERN__LLM__PASSTHROUGH", "rerank, audio/speech,v1.1_x-y")]).expect("settings");
    assert_eq!(settings.llm.passthrough, ["rerank", "audio/speech", "v1.1_x-y"]);
}

#[test]
fn endpoints_fall_back_to_the_key_and_path_of_their_section() {
    let settings = from_env(&[("MODELS_URLS", "['http://a/', 'http://b']"), ("ALBERT_MODELS_API_KEY", "k")]).expect("settings");
    let endpoints =
        settings.llm.endpoints.iter().map(|endpoint| (endpoint.url.as_str(), endpoint.key.clone(), endpoint.api_path.as_deref()));
    let expect = ["http://a", "http://b"].map(|url| (url, Some(Secret::from("k")), Some("/v1")));
    assert_eq!(endpoints.collect::<Vec<_>>(), expect);

    let file =
        "[llm]\nkey = \"k\"\nendpoints = [\"http://a\", { url = \"http://b\", key = \"own\", api_path = \"api/v2/\", models = [\"m\"] }]";
    let settings = from_file(file).expect("settings");
    assert_eq!(settings.llm.endpoints[0].key, Some(Secret::from("k")));
    assert_eq!(settings.llm.endpoints[1].key, Some(Secret::from("own")));
    assert_eq!(settings.llm.endpoints[1].api_path.as_deref(), Some("/api/v2"));
    assert_eq!(settings.llm.endpoints[1].models, ["m"]);
    assert_eq!(from_env(&[("MODELS_URLS", "[]")]).expect("settings").llm.endpoints, []);
}

#[test]
fn words_numbers_and_switches() {
    assert_eq!(from_flag("log.format", "json").expect("settings").log.format, LogFormat::Json);
    assert_eq!(from_flag("embeddings.provider", "none").expect("settings").embeddings.provider, EmbeddingsProvider::None);
    assert_eq!(from_flag("http.listen", "[::1]:0").expect("settings").http.listen.to_string(), "[::1]:0");
    assert_eq!(from_flag("llm.api_path", "/").expect("settings").llm.api_path, "");
    for (text, expect) in [("true", true), ("1", true), ("Yes", true), ("off", false), ("0", false)] {
        assert_eq!(from_flag("database.auto_upgrade", text).expect("settings").database.auto_upgrade, expect, "{text}");
    }
}

#[test]
fn what_depends_on_the_machine() {
    for (cores, connections) in [(1, 4), (2, 4), (8, 16)] {
        let settings = Settings::load(&Sources { cores, ..Sources::empty() }).expect("settings");
        assert_eq!((settings.http.workers, settings.database.connections), (cores, connections));
    }
}

#[test]
fn known_secrets_are_the_default_in_unit_tests_alone() {
    for env in ["dev", "staging", "prod"] {
        let settings = from_env(&[("ENV", env)]).expect("settings");
        assert_eq!((settings.auth.secret_key, settings.auth.first_admin_password), (None, None), "{env}");
        assert_eq!((settings.auth.session_ttl_s, settings.auth.reset_ttl_s), (86_400, 3_600), "{env}");
        assert_eq!((settings.llm.endpoints.len(), settings.llm.key), (0, None), "{env}");
    }
    let settings = from_env(&[("ENV", "unittest")]).expect("settings");
    assert_eq!(settings.env, Environment::Unittest);
    assert_eq!(settings.auth.secret_key, Some(Secret::from("changeme")));
    assert_eq!(settings.auth.first_admin_username, "changeme");
    assert_eq!(settings.auth.first_admin_email, "changeme@changeme.fr");
    assert_eq!(settings.auth.first_admin_password, Some(Secret::from("changeme")));
    assert_eq!((settings.auth.session_ttl_s, settings.auth.reset_ttl_s), (9, 3));
    let [endpoint] = settings.llm.endpoints.as_slice() else { panic!("one endpoint") };
    assert_eq!((endpoint.url.as_str(), endpoint.api_path.as_deref()), ("http://127.0.0.1:8899", Some("")));
    assert_eq!(endpoint.models, ["albert", "embeddings-small"]);
    assert_eq!(settings.origin("auth.session_ttl_s").to_string(), "default of ENV=unittest");
}

#[test]
fn the_environment_may_be_set_anywhere_and_its_defaults_stay_below_the_file() {
    let settings = from_file("env = \"unittest\"\n[auth]\nsession_ttl_s = 60").expect("settings");
    assert_eq!((settings.auth.session_ttl_s, settings.auth.reset_ttl_s), (60, 3));
    assert_eq!(value(&settings, "env"), "unittest");
}

#[test]
fn the_data_folder() {
    assert_eq!(value(&from_env(&[]).expect("settings"), "data_dir"), "./data");
    assert_eq!(value(&from_env(&[("LECTERN_DATA_DIR", "/srv/a")]).expect("settings"), "data_dir"), "/srv/a");
    assert_eq!(value(&from_env(&[("LECTERN_DATA_DIR", "a"), ("LECTERN__DATA_DIR", "b")]).expect("settings"), "data_dir"), "b");
    assert_eq!(value(&from_flag("data_dir", "c").expect("settings"), "data_dir"), "c");
}

#[test]
fn mails_stay_on_a_developer_s_machine_unless_a_server_is_named() {
    let folder = |variables: &[(&str, &str)]| from_env(variables).expect("settings").mail.folder.map(|path| path.display().to_string());
    assert_eq!(folder(&[]), Some("./data/mails".into()));
    assert_eq!(folder(&[("ENV", "unittest"), ("LECTERN_DATA_DIR", "/d")]), Some("/d/mails".into()));
    assert_eq!(folder(&[("ENV", "prod")]), None);
    assert_eq!(folder(&[("ENV", "staging")]), None);
    assert_eq!(folder(&[("LECTERN__MAIL__FOLDER", "here"), ("ENV", "prod")]), Some("here".into()));
    let server = [("LECTERN__MAIL__SMTP_HOST", "mail.x.fr"), ("LECTERN__MAIL__FROM", "a@x.fr"), ("FRONT_URL", "https://x.fr/")];
    assert_eq!(folder(&server), None);
    assert_eq!(from_env(&server).expect("settings").mail.front_url, "https://x.fr");
}

#[test]
fn mail_that_could_not_be_sent_is_refused_at_start() {
    let host = ("LECTERN__MAIL__SMTP_HOST", "mail.x.fr");
    let (from, front) = (("LECTERN__MAIL__FROM", "a@x.fr"), ("FRONT_URL", "https://x.fr"));
    for (variables, expect) in [
        (vec![host, front], "needs mail.from"),
        (vec![host, from], "needs mail.front_url"),
        (vec![host, from, front, ("LECTERN__MAIL__FOLDER", "x")], "are both set"),
        (vec![host, from, front, ("LECTERN__MAIL__SMTP_USER", "x")], "set together"),
        (vec![("CONTACT_EMAIL", "nobody")], "mail.contact (alias CONTACT_EMAIL)"),
        (vec![("LECTERN__MAIL__FROM", "nobody")], "mail.from"),
    ] {
        let error = from_env(&variables).expect_err("a contradiction").to_string();
        assert!(error.contains(expect), "{error}");
    }
}

#[test]
fn unit_tests_have_no_limits() {
    let limits = from_env(&[("ENV", "unittest")]).expect("settings").limits;
    let per = [limits.sign_in_per_address, limits.sign_in_per_account, limits.register_per_address, limits.reset_per_address];
    assert_eq!(per, [0; 4]);
    assert_eq!([limits.reset_per_account, limits.contact_per_address, limits.contact_per_account], [0; 3]);
    let limits = from_env(&[]).expect("settings").limits;
    assert_eq!((limits.period_s, limits.sign_in_per_address, limits.reset_per_account), (600, 100, 5));
}
