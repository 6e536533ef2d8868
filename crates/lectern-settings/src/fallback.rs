//! Defaults that depend on the machine, on `ENV`, or on other settings.

use crate::{
    DatabaseUrl, Environment, Origin, SettingsError, Sources,
    check::table,
    database_url::encode,
    environment::Variables,
    keys::{self, Named},
    layer::Layer,
    text,
};
use config::{Value, ValueKind};

/// Defaults that nothing but the machine and `ENV` decide.
pub(crate) fn defaults(sources: &Sources, env: Environment) -> Layer {
    let mut layer = Layer::default();
    let cores = i64::from(sources.cores);
    layer.put("http.workers", cores.min(1024), Origin::Default);
    layer.put("database.connections", (2 * cores).clamp(4, 1024), Origin::Default);
    if env == Environment::Unittest {
        let mut put = |key, value: Value| layer.put(key, value, Origin::UnittestDefault);
        put("auth.session_ttl_s", 9.into());
        put("auth.reset_ttl_s", 3.into());
        put("auth.secret_key", "changeme".into());
        put("auth.first_admin_username", "changeme".into());
        put("auth.first_admin_email", "changeme@changeme.fr".into());
        put("auth.first_admin_password", "changeme".into());
        for limit in [
            "limits.sign_in_per_address",
            "limits.sign_in_per_account",
            "limits.register_per_address",
            "limits.reset_per_address",
            "limits.reset_per_account",
            "limits.contact_per_address",
            "limits.contact_per_account",
        ] {
            put(limit, 0.into());
        }
        let models = ValueKind::Array(vec!["albert".into(), "embeddings-small".into()]);
        let endpoint = table([("url", "http://127.0.0.1:8899".into()), ("models", Value::new(None, models))]);
        put("llm.endpoints", Value::new(None, ValueKind::Array(vec![endpoint])));
        put("llm.key", "changeme".into());
        put("llm.api_path", "".into());
    }
    layer
}

/// The database where no URL is given: a SQLite file in the data folder or, in tests, one of this process alone, which is gone with it.
pub(crate) fn sqlite(env: Environment, data_dir: &str) -> (DatabaseUrl, Origin) {
    match env {
        Environment::Unittest => (DatabaseUrl::memory(), Origin::UnittestDefault),
        _ => (DatabaseUrl::sqlite(&format!("{}/lectern.sqlite3", data_dir.trim_end_matches('/'))), Origin::Default),
    }
}

/// The database that `POSTGRES_HOST` and the variables beside it describe, where it is set. Named `postgres_dev` with `ENV=dev`, else `postgres`.
///
/// # Errors
/// Where `POSTGRES_PORT` is not a port, or the password's file cannot be read.
pub(crate) fn postgres(variables: &Variables, env: Environment) -> Result<Layer, SettingsError> {
    let get = |name: &str| variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    let mut layer = Layer::default();
    let Some(host) = get("POSTGRES_HOST") else { return Ok(layer) };
    let origin = Origin::Alias("POSTGRES_HOST".to_owned());
    let port = port(get("POSTGRES_PORT").unwrap_or("5432"), "database.url", "POSTGRES_PORT")?;
    let password = match (get("POSTGRES_PASSWORD"), get("POSTGRES_PASSWORD_FILE")) {
        (Some(password), _) => Some(password.to_owned()),
        (None, Some(path)) => Some(text::secret_file("POSTGRES_PASSWORD", path)?),
        (None, None) => None,
    };
    let user = encode(get("POSTGRES_USER").unwrap_or("postgres"));
    let password = password.map(|password| format!(":{}", encode(&password))).unwrap_or_default();
    let name = get("POSTGRES_DB").unwrap_or(if env == Environment::Dev { "postgres_dev" } else { "postgres" });
    // A path is the folder of a Unix socket.
    let host = if host.starts_with('/') { encode(host) } else { in_url(host) };
    let url = format!("postgres://{user}{password}@{host}:{port}/{}", encode(name));
    if let Some(Named { key, .. }) = keys::find("database.url") {
        layer.set_text(Named { key, from_file: false, former: false }, &url, origin)?;
    }
    Ok(layer)
}

/// The Elasticsearch that `ELASTIC_HOST` and `ELASTIC_PORT` describe, where it is set. Whether it is used is another setting.
///
/// # Errors
/// Where `ELASTIC_PORT` is not a port, or the host is none.
pub(crate) fn elasticsearch(variables: &Variables, layer: &mut Layer) -> Result<(), SettingsError> {
    let get = |name: &str| variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    let Some(host) = get("ELASTIC_HOST") else { return Ok(()) };
    let port = port(get("ELASTIC_PORT").unwrap_or("9200"), "elasticsearch.url", "ELASTIC_PORT")?;
    let url = match host.split_once("://") {
        Some((scheme, host)) => format!("{scheme}://{}:{port}", in_url(host)),
        None => format!("http://{}:{port}", in_url(host)),
    };
    match keys::find("elasticsearch.url") {
        Some(Named { key, .. }) => {
            layer.set_text(Named { key, from_file: false, former: false }, &url, Origin::Alias("ELASTIC_HOST".to_owned()))
        }
        None => Ok(()),
    }
}

/// A port, checked.
fn port<'a>(text: &'a str, key: &str, variable: &str) -> Result<&'a str, SettingsError> {
    match text.parse::<u16>() {
        Ok(_) => Ok(text),
        Err(_) => Err(SettingsError::Value {
            key: key.to_owned(),
            origin: Origin::Alias(variable.to_owned()),
            expected: "a port from 0 to 65535".to_owned(),
            found: Some(format!("{text:?}")),
        }),
    }
}

/// A host as a URL has it: a bare IPv6 address needs brackets.
fn in_url(host: &str) -> String {
    if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() }
}
