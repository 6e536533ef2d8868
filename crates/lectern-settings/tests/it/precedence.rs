//! Which of several places wins, and what the origin says.

use crate::support::{sources, value};
use lectern_settings::{Environment, Flag, Settings};

/// Every subset of the places: the highest one in it wins.
#[test]
fn every_combination_of_places() {
    // In ascending order of precedence, with the value and the origin each gives.
    let places = [
        ("1111", "file lectern.toml"),
        ("2222", ".env BACKEND_CORS_ORIGINS"),
        ("3333", ".env LECTERN__HTTP__CORS_ORIGINS"),
        ("4444", "alias BACKEND_CORS_ORIGINS"),
        ("5555", "env LECTERN__HTTP__CORS_ORIGINS"),
        ("6666", "flag --cors-origins"),
    ];
    for subset in 0..1_u32 << places.len() {
        let on = |place: usize| subset & 1 << place != 0;
        let origin = |place: usize| format!("http://a:{}", places[place].0);
        let pick = |alias: usize, own: usize| {
            [("BACKEND_CORS_ORIGINS", alias), ("LECTERN__HTTP__CORS_ORIGINS", own)]
                .into_iter()
                .filter(|(_, place)| on(*place))
                .map(|(name, place)| (name, origin(place)))
                .collect::<Vec<_>>()
        };
        fn borrowed<'a>(pairs: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
            pairs.iter().map(|(name, value)| (*name, value.as_str())).collect()
        }
        let file = if on(0) { format!("[http]\ncors_origins = [\"{}\"]", origin(0)) } else { String::new() };
        let (dot_env, environment) = (pick(1, 2), pick(3, 4));
        let mut sources = sources(&file, &borrowed(&dot_env), &borrowed(&environment));
        if on(5) {
            sources.flags.push(Flag::new("--cors-origins", "http.cors_origins", origin(5)));
        }
        let settings = Settings::load(&sources).expect("settings");
        let (expect, came_from) = match (0..places.len()).rev().find(|place| on(*place)) {
            Some(winner) => (vec![origin(winner)], places[winner].1),
            None => (Vec::new(), "default"),
        };
        assert_eq!(settings.http.cors_origins, expect, "subset {subset:06b}");
        assert_eq!(settings.origin("http.cors_origins").to_string(), came_from, "subset {subset:06b}");
    }
}

#[test]
fn sections_are_merged_key_by_key() {
    let file = "data_dir = \"/srv/l\"\n[http]\nshutdown_grace_s = 3\n[limits]\njson_bytes = 4096\n[log]\nformat = \"json\"";
    let settings =
        Settings::load(&sources(file, &[("LECTERN__HTTP__SHUTDOWN_GRACE_S", "4")], &[("LECTERN__LOG__LEVEL", "debug")])).expect("settings");
    let shown = ["data_dir", "limits.json_bytes", "http.shutdown_grace_s", "http.listen", "log.format", "log.level"]
        .map(|key| format!("{key} = {} ({})", value(&settings, key), settings.origin(key)));
    assert_eq!(
        shown,
        [
            "data_dir = /srv/l (file lectern.toml)",
            "limits.json_bytes = 4096 (file lectern.toml)",
            "http.shutdown_grace_s = 4 (.env LECTERN__HTTP__SHUTDOWN_GRACE_S)",
            "http.listen = 127.0.0.1:8080 (default)",
            "log.format = json (file lectern.toml)",
            "log.level = debug (env LECTERN__LOG__LEVEL)",
        ]
    );
}

#[test]
fn a_former_name_is_taken_and_loses_against_the_one_of_today() {
    let check = |file: &str, environment: &[(&str, &str)], expect: u64| {
        let settings = Settings::load(&sources(file, &[], environment)).expect("settings");
        assert_eq!(settings.limits.json_bytes, expect, "{file} {environment:?}");
    };
    check("[http]\njson_bytes = 5000", &[], 5000);
    check("[http]\njson_bytes = 5000\n[limits]\njson_bytes = 6000", &[], 6000);
    check("[limits]\njson_bytes = 6000", &[("LECTERN__HTTP__JSON_BYTES", "7000")], 7000);
    check("", &[("LECTERN__HTTP__JSON_BYTES", "7000"), ("LECTERN__LIMITS__JSON_BYTES", "8000")], 8000);
}

#[test]
fn an_empty_variable_is_not_set() {
    let settings = Settings::load(&sources("", &[("ENV", "prod")], &[("ENV", ""), ("LECTERN__HTTP__LISTEN", " ")])).expect("settings");
    assert_eq!(settings.env, Environment::Prod);
    assert_eq!(settings.origin("env").to_string(), ".env ENV");
    assert_eq!(settings.origin("http.listen").to_string(), "default");
}

#[test]
fn a_list_is_replaced_as_a_whole() {
    let file = "[http]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]";
    let settings = Settings::load(&sources(file, &[], &[("LECTERN__HTTP__TRUSTED_PROXIES", "[]")])).expect("settings");
    assert_eq!(settings.http.trusted_proxies, Vec::<String>::new());
}

#[test]
fn the_reference_s_other_variables_are_accepted_and_listed() {
    let environment = [("ELASTIC_HOST", "es"), ("QDRANT_REST_PORT", "6333"), ("MJ_API_KEY", "k"), ("APP_VERSION", "1"), ("HOME", "/")];
    let settings = Settings::load(&sources("", &[("FRONT_URL", "http://f")], &environment)).expect("settings");
    assert_eq!(settings.not_used(), ["MJ_API_KEY", "QDRANT_REST_PORT"]);
}
