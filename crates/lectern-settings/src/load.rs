//! Layers into settings.

use crate::{
    DatabaseUrl, Environment, Origin, Settings, SettingsError, Sources, environment, environment::Place, fallback, file, keys, layer::Layer,
};
use config::{Config, ConfigError};
use lectern_domain::{
    collection::{Chunking, CollectionName},
    email::EmailAddress,
};
use std::collections::BTreeSet;

impl Settings {
    /// Makes the settings: defaults < file < `POSTGRES_HOST` and what belongs to it < `.env` < environment < flags.
    ///
    /// # Errors
    /// The first thing that is wrong: an unknown key, a value that its key does not take, a file that cannot be read, a contradiction.
    pub fn load(sources: &Sources) -> Result<Self, SettingsError> {
        let file = sources.file.as_ref().map(|(path, text)| file::layer(path, text)).transpose()?.unwrap_or_default();
        let dot_env = environment::layer(&sources.dot_env, Place::File)?;
        let process = environment::layer(&sources.environment, Place::Process)?;
        let flags = flags(sources)?;

        let explicit = [&flags, &process, &dot_env, &file];
        let env = explicit.iter().find_map(|layer| layer.text("env")).map_or(Environment::Dev, |env| match env.as_str() {
            "unittest" => Environment::Unittest,
            "staging" => Environment::Staging,
            "prod" => Environment::Prod,
            _ => Environment::Dev,
        });
        let data_dir = explicit.iter().find_map(|layer| layer.text("data_dir")).unwrap_or_else(|| "./data".to_owned());

        let mut variables = sources.dot_env.clone();
        variables.extend(sources.environment.clone());
        let mut parts = fallback::postgres(&variables, env)?;
        fallback::elasticsearch(&variables, &mut parts)?;
        let mut defaults = fallback::defaults(sources, env);
        let (sqlite, origin) = fallback::sqlite(env, &data_dir);
        let url = [&flags, &process, &dot_env, &parts, &file].iter().find_map(|layer| layer.text("database.url"));
        let on_sqlite = url.as_deref().and_then(DatabaseUrl::parse).is_none_or(|url| url.is_sqlite());
        defaults.put("database.url", sqlite.expose(), origin);
        defaults.put("database.auto_upgrade", on_sqlite, Origin::Default);

        let layers = [defaults, file, parts, dot_env, process, flags];
        let mut settings = merge(&layers)?;
        for layer in layers {
            settings.origins.extend(layer.origins);
        }
        settings.not_used = environment::not_used(&variables).cloned().collect::<BTreeSet<_>>().into_iter().collect();
        settings.complete_endpoints();
        settings.complete_mail();
        settings.agree()?;
        Ok(settings)
    }

    /// Endpoints fall back to the key and the path of their section.
    fn complete_endpoints(&mut self) {
        for endpoint in &mut self.llm.endpoints {
            endpoint.key = endpoint.key.take().or_else(|| self.llm.key.clone());
            endpoint.api_path.get_or_insert_with(|| self.llm.api_path.clone());
        }
    }

    /// Where nobody says how mails leave, they stay on a developer's machine.
    fn complete_mail(&mut self) {
        let own = matches!(self.env, Environment::Dev | Environment::Unittest);
        if own && self.mail.folder.is_none() && self.mail.smtp_host.is_none() {
            self.mail.folder = Some(self.data_dir.join("mails"));
        }
    }

    /// Whether settings about mail agree with each other.
    fn mail_agrees(&self) -> Result<(), SettingsError> {
        let contradiction = |message: String| Err(SettingsError::Contradiction(message));
        for key in ["mail.from", "mail.contact"] {
            let address = if key == "mail.from" { Some(&self.mail.from) } else { self.mail.contact.as_ref() };
            if let Some(Err(invalid)) = address.map(|address| EmailAddress::try_from(address.as_str())) {
                return contradiction(format!("{key} ({}): {}", self.origin(key), invalid.message));
            }
        }
        if self.mail.smtp_host.is_none() {
            return Ok(());
        }
        let of = format!("mail.smtp_host ({})", self.origin("mail.smtp_host"));
        if self.mail.folder.is_some() {
            return contradiction(format!("{of} and mail.folder ({}) are both set", self.origin("mail.folder")));
        }
        for key in ["mail.from", "mail.front_url"] {
            if self.origin(key) == Origin::Default {
                return contradiction(format!("{of} is set, which needs {key}"));
            }
        }
        if self.mail.smtp_user.is_some() != self.mail.smtp_password.is_some() {
            return contradiction("mail.smtp_user and mail.smtp_password are set together".to_owned());
        }
        Ok(())
    }

    /// Whether the domain takes the values, and settings agree with each other.
    fn agree(&self) -> Result<(), SettingsError> {
        let contradiction = |message: String| Err(SettingsError::Contradiction(message));
        if let Err(invalid) = Chunking::new(self.corpus.chunk_chars, self.corpus.chunk_overlap) {
            return contradiction(format!("corpus.{invalid}"));
        }
        for (key, checked) in [
            ("search.default_collection", CollectionName::try_from(self.search.default_collection.clone()).map(drop)),
            ("auth.first_admin_email", EmailAddress::try_from(self.auth.first_admin_email.as_str()).map(drop)),
        ] {
            if let Err(invalid) = checked {
                return contradiction(format!("{key} ({}): {}", self.origin(key), invalid.message));
            }
        }
        self.mail_agrees()?;
        self.stores_agree()?;
        if self.embeddings.provider == crate::EmbeddingsProvider::Openai {
            for (key, missing) in [("embeddings.url", self.embeddings.url.is_none()), ("embeddings.model", self.embeddings.model.is_none())]
            {
                if missing {
                    return contradiction(format!(
                        "embeddings.provider is \"openai\" ({}), which needs {key}",
                        self.origin("embeddings.provider")
                    ));
                }
            }
        }
        Ok(())
    }
}

fn flags(sources: &Sources) -> Result<Layer, SettingsError> {
    let mut layer = Layer::default();
    for (name, key, value) in sources.flags.iter().map(crate::Flag::parts) {
        let origin = Origin::Flag(name.to_owned());
        match keys::find(key) {
            Some(named) => layer.set_text(named, value, origin)?,
            None => return Err(SettingsError::UnknownKey { name: key.to_owned(), origin, nearest: keys::nearest(key) }),
        }
    }
    Ok(layer)
}

/// A later layer wins.
fn merge(layers: &[Layer]) -> Result<Settings, SettingsError> {
    let builder = layers.iter().fold(Config::builder(), |builder, layer| builder.add_source(layer.clone()));
    builder.build().and_then(Config::try_deserialize).map_err(|error| SettingsError::Unfit { key: key_of(&error) })
}

fn key_of(error: &ConfigError) -> String {
    match error {
        ConfigError::Type { key: Some(key), .. } | ConfigError::At { key: Some(key), .. } | ConfigError::NotFound(key) => key.clone(),
        _ => "the settings".to_owned(),
    }
}
