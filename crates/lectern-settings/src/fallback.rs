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
    let port = get("POSTGRES_PORT").unwrap_or("5432");
    if port.parse::<u16>().is_err() {
        return Err(SettingsError::Value {
            key: "database.url".to_owned(),
            origin: Origin::Alias("POSTGRES_PORT".to_owned()),
            expected: "a port from 0 to 65535".to_owned(),
            found: Some(format!("{port:?}")),
        });
    }
    let password = match (get("POSTGRES_PASSWORD"), get("POSTGRES_PASSWORD_FILE")) {
        (Some(password), _) => Some(password.to_owned()),
        (None, Some(path)) => Some(text::secret_file("POSTGRES_PASSWORD", path)?),
        (None, None) => None,
    };
    let user = encode(get("POSTGRES_USER").unwrap_or("postgres"));
    let password = password.map(|password| format!(":{}", encode(&password))).unwrap_or_default();
    let name = get("POSTGRES_DB").unwrap_or(if env == Environment::Dev { "postgres_dev" } else { "postgres" });
    // A bare IPv6 address needs brackets; a path is the folder of a Unix socket.
    let host = match host {
        _ if host.starts_with('/') => encode(host),
        _ if host.contains(':') && !host.starts_with('[') => format!("[{host}]"),
        _ => host.to_owned(),
    };
    let url = format!("postgres://{user}{password}@{host}:{port}/{}", encode(name));
    if let Some(Named { key, .. }) = keys::find("database.url") {
        layer.set_text(Named { key, from_file: false }, &url, origin)?;
    }
    Ok(layer)
}
