//! From the sections of the settings to what the crates take.

use lectern_domain::{Invalid, collection::CollectionName};
use lectern_http::{ForwardedHeader, HttpOptions, TrustedProxies};
use lectern_service::{
    accounts::AuthOptions,
    app::{Allowances, DatabaseSpec, Embeddings, TextFiles},
    corpora::LoadLimits,
    follow::FollowOptions,
    limits::{Allowance, Limit, LimitOptions},
    llm,
    mail::{DeliveryOptions, MailOptions, SmtpOptions, SmtpTls, TextLanguage},
    schema::InitSpec,
};
use lectern_settings::{EmbeddingsProvider, Endpoint, Settings};
use std::time::Duration;

/// How long a caller that waits to find what it wrote waits without any progress.
const STALL: Duration = Duration::from_secs(60);

/// How requests are taken.
pub fn http_options(settings: &Settings) -> HttpOptions {
    HttpOptions {
        app_version: settings.http.app_version.clone(),
        body_bytes: usize::try_from(settings.limits.json_bytes).unwrap_or(usize::MAX),
        upload_bytes: settings.limits.upload_bytes,
        cors_origins: settings.http.cors_origins.clone(),
        proxies: TrustedProxies {
            // Settings hold no other texts than addresses and networks.
            networks: settings.http.trusted_proxies.iter().filter_map(|network| network.parse().ok()).collect(),
            header: match settings.http.forwarded_header {
                lectern_settings::ForwardedHeader::XForwardedFor => ForwardedHeader::XForwardedFor,
                lectern_settings::ForwardedHeader::Forwarded => ForwardedHeader::Forwarded,
            },
        },
        passthrough: settings.llm.passthrough.clone(),
    }
}

/// How documents are read and cut.
///
/// # Errors
/// Where the sizes of chunks contradict each other.
pub fn load_limits(settings: &Settings) -> Result<LoadLimits, Invalid> {
    LoadLimits::new(
        settings.corpus.max_document_bytes,
        settings.corpus.max_line_bytes,
        settings.corpus.chunk_chars,
        settings.corpus.chunk_overlap,
    )
}

/// How much callers may send and have.
pub(crate) fn allowances(settings: &Settings) -> Allowances {
    let section = &settings.limits;
    let most = |number: u32| (number > 0).then_some(number);
    Allowances {
        upload_bytes: section.upload_bytes,
        waiting_uploads: most(section.waiting_uploads_per_account),
        collections: most(section.collections_per_account),
    }
}

pub(crate) fn database(settings: &Settings) -> DatabaseSpec {
    DatabaseSpec {
        url: settings.database.url.expose().to_owned(),
        connections: settings.database.connections.into(),
        acquire_timeout: Duration::from_secs(settings.database.acquire_timeout_s),
        write_queue: settings.database.write_queue as usize,
        upgrade: settings.database.auto_upgrade,
    }
}

/// The databases that a server is prepared for: the main one, and that of the vectors where it is another.
pub(crate) fn databases(settings: &Settings) -> Vec<InitSpec> {
    let main = InitSpec { url: settings.database.url.expose().to_owned(), extensions: settings.database.extensions.clone() };
    let vectors = settings.pgvector.url.as_ref().filter(|url| url.expose() != main.url && !url.is_sqlite());
    let vectors = vectors.map(|url| InitSpec { url: url.expose().to_owned(), extensions: vec!["vector".to_owned()] });
    [main].into_iter().chain(vectors).collect()
}

pub(crate) fn auth(settings: &Settings) -> AuthOptions {
    AuthOptions {
        session_ttl: Duration::from_secs(settings.auth.session_ttl_s),
        reset_ttl: Duration::from_secs(settings.auth.reset_ttl_s),
        limits: limits(settings),
        ..AuthOptions::default()
    }
}

fn limits(settings: &Settings) -> LimitOptions {
    let section = &settings.limits;
    let period = Duration::from_secs(section.period_s);
    let allowance = |tries: u32| (tries > 0).then_some(Allowance { tries, period });
    let limit = |address, account| Limit { address: allowance(address), account: allowance(account) };
    LimitOptions {
        sign_in: limit(section.sign_in_per_address, section.sign_in_per_account),
        register: limit(section.register_per_address, 0),
        reset: limit(section.reset_per_address, section.reset_per_account),
        contact: limit(section.contact_per_address, section.contact_per_account),
        ..LimitOptions::default()
    }
}

pub(crate) fn mail(settings: &Settings) -> MailOptions {
    let section = &settings.mail;
    let delivery = match (&section.smtp_host, &section.folder) {
        (Some(host), _) => DeliveryOptions::Smtp(SmtpOptions {
            host: host.clone(),
            port: section.smtp_port,
            tls: match section.smtp_tls {
                lectern_settings::SmtpTls::Tls => SmtpTls::Tls,
                lectern_settings::SmtpTls::StartTls => SmtpTls::StartTls,
                lectern_settings::SmtpTls::None => SmtpTls::None,
            },
            authorities: section.smtp_ca.clone(),
            credentials: section.smtp_user.clone().zip(section.smtp_password.as_ref().map(|password| password.expose().clone())),
            timeout: Duration::from_secs(section.smtp_timeout_s),
        }),
        (None, Some(path)) => DeliveryOptions::Folder(path.clone()),
        (None, None) => DeliveryOptions::Nowhere,
    };
    MailOptions {
        delivery,
        from: section.from.clone(),
        contact: section.contact.clone().unwrap_or_else(|| settings.auth.first_admin_email.clone()),
        front_url: section.front_url.clone(),
        language: match section.language {
            lectern_settings::MailLanguage::Fr => TextLanguage::Fr,
            lectern_settings::MailLanguage::En => TextLanguage::En,
        },
        texts: section.texts.clone(),
    }
}

pub(crate) fn endpoint(endpoint: &Endpoint) -> llm::Endpoint {
    llm::Endpoint {
        url: endpoint.url.clone(),
        api_key: endpoint.key.as_ref().map(|key| llm::ApiKey::new(key.expose().clone())).unwrap_or_default(),
        api_path: endpoint.api_path.clone().unwrap_or_default(),
        models: (!endpoint.models.is_empty()).then(|| endpoint.models.clone()),
    }
}

pub(crate) fn model_http(settings: &Settings) -> llm::HttpOptions {
    llm::HttpOptions {
        connect_timeout_ms: settings.llm.connect_timeout_s * 1_000,
        first_byte_timeout_ms: settings.llm.first_byte_timeout_s * 1_000,
        idle_timeout_ms: settings.llm.idle_timeout_s * 1_000,
        retries: settings.llm.retries,
        rest_ms: settings.llm.rest_s * 1_000,
        ..llm::HttpOptions::default()
    }
}

pub(crate) fn embeddings(settings: &Settings) -> Result<Embeddings, Invalid> {
    let section = &settings.embeddings;
    Ok(match section.provider {
        EmbeddingsProvider::None => Embeddings::None,
        EmbeddingsProvider::Auto => Embeddings::Installed { name: section.model.clone(), required: section.model.is_some() },
        EmbeddingsProvider::Local => Embeddings::Installed { name: section.model.clone(), required: true },
        EmbeddingsProvider::Openai => {
            let missing = |key: &'static str| Invalid::new(key, "needed where embeddings.provider is openai");
            let mut model = llm::RemoteEmbedding::new(section.model.clone().ok_or_else(|| missing("embeddings.model"))?);
            model.dimensions = section.dimensions;
            model.batch_texts = section.batch as usize;
            let endpoint = llm::Endpoint {
                url: section.url.clone().ok_or_else(|| missing("embeddings.url"))?,
                api_key: section.key.as_ref().map(|key| llm::ApiKey::new(key.expose().clone())).unwrap_or_default(),
                api_path: section.api_path.clone(),
                models: None,
            };
            Embeddings::Remote { endpoint, model }
        }
    })
}

pub(crate) fn follow(settings: &Settings) -> FollowOptions {
    FollowOptions {
        poll: Duration::from_millis(settings.follow.poll_ms),
        batch_chunks: settings.follow.batch_chunks as usize,
        retention: Duration::from_secs(settings.follow.retention_s),
        stall: STALL,
    }
}

pub(crate) fn texts(settings: &Settings) -> TextFiles {
    TextFiles {
        prompts: settings.prompts.folder.clone(),
        acronyms: settings.data.acronyms.clone(),
        whitelist: settings.data.whitelist.clone(),
    }
}

pub(crate) fn default_collection(settings: &Settings) -> Result<CollectionName, Invalid> {
    CollectionName::try_from(settings.search.default_collection.clone())
}
