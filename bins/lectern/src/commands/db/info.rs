//! `lectern db info`.

use crate::context::Context;
use lectern_service::schema::{Schema, about, current};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Says which database the settings mean, and why, before it is opened: where that fails, this is what one wants to know.
pub(super) fn run(context: &Context, open: impl FnOnce() -> anyhow::Result<Schema>) -> anyhow::Result<()> {
    let settings = &context.settings;
    let (url, origin) = (settings.database.url.redacted(), settings.origin("database.url").to_string());
    let mut text = format!("url       {url}\nfrom      {origin}\n");
    let opened = open().and_then(|schema| {
        let (about, current) = (about(&schema)?, current(&schema)?);
        schema.close();
        Ok((about, current))
    });
    let mut json = json!({ "url": url, "from": origin, "backend": if settings.database.url.is_sqlite() { "sqlite" } else { "postgres" } });
    let failure = match opened {
        Ok((about, current)) => {
            let backend = if settings.database.url.is_sqlite() { "SQLite" } else { "PostgreSQL" };
            let (version, name) = current.at.clone().unzip();
            let head = if current.is_head() { " (head)" } else { "" };
            let _ = writeln!(text, "server    {backend} {}\nbytes     {}", about.version, about.bytes);
            let _ = writeln!(text, "revision  {}{head}", name.as_deref().unwrap_or("base"));
            json["server_version"] = json!(about.version);
            json["bytes"] = json!(about.bytes);
            json["revision"] = json!({ "version": version, "name": name, "head": current.is_head() });
            None
        }
        Err(error) => {
            json["revision"] = Value::Null;
            Some(error)
        }
    };
    context.out.result(&json, text)?;
    failure.map_or(Ok(()), Err)
}
