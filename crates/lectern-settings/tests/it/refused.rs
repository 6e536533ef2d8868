//! What is refused, and in which words.

use crate::support::{from_env, from_file, from_flag, sources};
use lectern_settings::{Settings, SettingsError};

#[track_caller]
fn says(result: Result<Settings, SettingsError>, expect: &str) {
    assert_eq!(result.expect_err("an error").to_string(), expect);
}

#[test]
fn unknown_keys_are_named_with_the_nearest_known_one() {
    let tail = "; docs/configuration.md lists them all";
    says(from_file("[http]\nlisen = \"x\""), &format!("http.lisen (file lectern.toml) is not a setting; did you mean http.listen?{tail}"));
    says(from_file("datadir = \"x\""), &format!("datadir (file lectern.toml) is not a setting; did you mean data_dir?{tail}"));
    says(
        from_file("[server]\nlisten = \"x\""),
        &format!("server.listen (file lectern.toml) is not a setting; did you mean http.listen?{tail}"),
    );
    says(from_file("[colours]"), &format!("colours (file lectern.toml) is not a setting{tail}"));
    says(from_file("[colours]\nred = 1"), &format!("colours.red (file lectern.toml) is not a setting{tail}"));
    says(from_file("[http.tls]\nfile = 1"), &format!("http.tls (file lectern.toml) is not a setting{tail}"));
    says(from_file("http = 5"), &format!("http (file lectern.toml) is not a setting{tail}"));
    says(
        from_env(&[("LECTERN__AUTH__SECRETKEY_FILE", "x")]),
        &format!(
            "LECTERN__AUTH__SECRETKEY_FILE (env LECTERN__AUTH__SECRETKEY_FILE) is not a setting; did you mean LECTERN__AUTH__SECRET_KEY_FILE?{tail}"
        ),
    );
    says(
        Settings::load(&sources("", &[("LECTERN__LOG__LEVLE", "x")], &[])),
        &format!("LECTERN__LOG__LEVLE (.env LECTERN__LOG__LEVLE) is not a setting; did you mean LECTERN__LOG__LEVEL?{tail}"),
    );
    says(from_flag("http.port", "1"), &format!("http.port (flag --it) is not a setting{tail}"));
    // An unknown variable is refused even when it is empty; single underscores belong to others.
    assert!(from_env(&[("LECTERN__NOTHING", "")]).is_err());
    assert!(from_env(&[("LECTERN_TEST_POSTGRES_URL", "x")]).is_ok());
}

#[test]
fn wrong_values_name_key_origin_and_what_is_expected() {
    let http = "http.workers (file lectern.toml): expected a whole number from 1 to 1024";
    for found in ["\"four\"", "\"4\"", "4.0", "true", "0", "1025", "-1"] {
        says(from_file(&format!("[http]\nworkers = {found}")), &format!("{http}, found {found}"));
    }
    says(
        from_env(&[("LECTERN__HTTP__WORKERS", "many")]),
        "http.workers (env LECTERN__HTTP__WORKERS): expected a whole number from 1 to 1024, found \"many\"",
    );
    says(
        Settings::load(&sources("", &[("ENV", "production")], &[])),
        "env (.env ENV): expected one of \"unittest\", \"dev\", \"staging\", \"prod\", found \"production\"",
    );
    says(
        from_flag("http.listen", "8080"),
        "http.listen (flag --it): expected an IP address and a port such as 127.0.0.1:8080, found \"8080\"",
    );
    says(
        from_env(&[("LECTERN__DATABASE__AUTO_UPGRADE", "maybe")]),
        "database.auto_upgrade (env LECTERN__DATABASE__AUTO_UPGRADE): expected true or false, found \"maybe\"",
    );
    says(from_file("data_dir = 5"), "data_dir (file lectern.toml): expected a path, found 5");
    says(
        from_file("[search]\nlexical = \"x\""),
        "search.lexical (file lectern.toml): expected one of \"embedded\", \"elasticsearch\", found \"x\"",
    );
    says(
        from_file("[qdrant]\nquantization = \"x\""),
        "qdrant.quantization (file lectern.toml): expected one of \"none\", \"scalar\", \"binary\", \"product\", found \"x\"",
    );
    says(
        from_file("[http]\ntrusted_proxies = [\"10.0.0.0/33\"]"),
        "http.trusted_proxies (file lectern.toml): expected a list of IP addresses and networks such as 10.0.0.0/8, found [\"10.0.0.0/33\"]",
    );
    says(
        from_env(&[("BACKEND_CORS_ORIGINS", "app.example.org")]),
        "http.cors_origins (alias BACKEND_CORS_ORIGINS): expected a list of origins such as https://app.example.org, found [\"app.example.org\"]",
    );
    for path in ["", "/rerank", "rerank/", "a//b", "../admin", "a/./b", "a%2Fb", "a?b", "models", "models/x", "chat/completions"] {
        says(
            from_file(&format!("[llm]\npassthrough = [\"{path}\"]")),
            &format!(
                "llm.passthrough (file lectern.toml): expected a list of paths such as rerank or audio/speech; models and chat/completions have routes of their own, found [\"{path}\"]"
            ),
        );
    }
}

#[test]
fn endpoints() {
    let list =
        "llm.endpoints (file lectern.toml): expected a list of endpoints {url, key or key_file, api_path, models}, of which url is needed";
    let endpoint = |fields: &str| from_file(&format!("[[llm.endpoints]]\nurl = \"http://a\"\n[[llm.endpoints]]\n{fields}"));
    says(endpoint("key = \"k\""), &format!("{list}; endpoint 2: url is missing"));
    says(endpoint("url = \"http://b\"\nurls = 1"), &format!("{list}; endpoint 2: urls is not one of them"));
    says(
        endpoint("url = \"b\""),
        &format!("{list}; endpoint 2: an address such as http://127.0.0.1:8000, without credentials")
            .replace("endpoint 2: ", "endpoint 2: url is "),
    );
    says(endpoint("url = \"http://b\"\nkey = \"\""), &format!("{list}; endpoint 2: key is a text that is not empty"));
    says(endpoint("url = \"http://b\"\nmodels = \"m\""), &format!("{list}; endpoint 2: models is a list of texts"));
    says(from_file("[llm]\nendpoints = 3"), list);
    says(from_env(&[("MODELS_URLS", "['http://a'")]), &list.replace("file lectern.toml", "alias MODELS_URLS"));
}

#[test]
fn syntax_errors_name_the_line() {
    let error = from_file("[http]\nworkers = 1\nsecret = \"hunter2\n").expect_err("an error").to_string();
    assert!(error.starts_with("lectern.toml, line 3: "), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn contradictions() {
    says(from_file("[corpus]\nchunk_overlap = 600"), "corpus.chunk_overlap: 600 is not less than half of chunk_chars (1200)");
    says(
        from_flag("search.default_collection", "my documents"),
        "search.default_collection (flag --it): 'my documents' is not a name: use 1 to 100 letters, digits, '.', '_' or '-', \
         starting with a letter or a digit",
    );
    let error = from_env(&[("FIRST_ADMIN_EMAIL", "nobody")]).expect_err("an error").to_string();
    assert!(error.starts_with("auth.first_admin_email (alias FIRST_ADMIN_EMAIL): "), "{error}");
    for key in ["lexical", "vectors"] {
        says(
            from_file(&format!("[search]\n{key} = \"elasticsearch\"")),
            &format!("search.{key} is \"elasticsearch\" (file lectern.toml), which needs elasticsearch.url"),
        );
    }
    says(from_file("[elasticsearch]\npassword = \"a\"\napi_key = \"b\""), "elasticsearch.password and elasticsearch.api_key are both set");
    for prefix in ["Lectern", "-a", "a.b", &"a".repeat(41)] {
        for store in ["elasticsearch", "qdrant"] {
            let error = from_file(&format!("[{store}]\nprefix = \"{prefix}\"")).expect_err("an error").to_string();
            assert!(error.starts_with(&format!("{store}.prefix (file lectern.toml) is '{prefix}': ")), "{error}");
        }
    }
    says(from_file("[search]\nvectors = \"qdrant\""), "search.vectors is \"qdrant\" (file lectern.toml), which needs qdrant.url");
    says(
        from_file("[search]\nvectors = \"pgvector\""),
        "search.vectors is \"pgvector\" (file lectern.toml), which needs pgvector.url, or a PostgreSQL as database.url",
    );
    says(
        from_file("[search]\nvectors = \"pgvector\"\n[pgvector]\nurl = \"sqlite:///x\""),
        "search.vectors is \"pgvector\" (file lectern.toml), and pgvector.url (file lectern.toml) is no PostgreSQL",
    );
    says(
        from_file("[embeddings]\nprovider = \"openai\""),
        "embeddings.provider is \"openai\" (file lectern.toml), which needs embeddings.url",
    );
    says(
        from_file("[embeddings]\nprovider = \"openai\"\nurl = \"http://e\""),
        "embeddings.provider is \"openai\" (file lectern.toml), which needs embeddings.model",
    );
}
