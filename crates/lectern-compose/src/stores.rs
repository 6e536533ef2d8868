//! From the sections about stores to what the service takes.

use anyhow::Context as _;
#[cfg(feature = "postgres")]
use lectern_service::stores::PgvectorOptions;
use lectern_service::stores::{
    Credentials, ElasticsearchOptions, LexicalStore, QdrantOptions, Quantization, StoreOptions, VectorStore, WhenDown,
};
use lectern_settings::{LexicalEngine, Settings, VectorEngine};
use std::{fs, path::Path, time::Duration};

/// Which indexes there are, and where.
///
/// # Errors
/// Where the file of certificates can't be read.
pub(crate) fn stores(settings: &Settings) -> anyhow::Result<StoreOptions> {
    Ok(StoreOptions {
        lexical: match settings.search.lexical {
            LexicalEngine::Embedded => LexicalStore::Embedded,
            LexicalEngine::Elasticsearch => LexicalStore::Elasticsearch(elasticsearch(settings)?),
        },
        vectors: match settings.search.vectors {
            VectorEngine::Embedded => VectorStore::Embedded,
            VectorEngine::Elasticsearch => VectorStore::Elasticsearch(elasticsearch(settings)?),
            VectorEngine::Qdrant => VectorStore::Qdrant(qdrant(settings)?),
            VectorEngine::Pgvector => pgvector(settings)?,
        },
        when_down: match settings.search.when_down {
            lectern_settings::WhenDown::Degrade => WhenDown::Degrade,
            lectern_settings::WhenDown::Fail => WhenDown::Fail,
        },
    })
}

#[cfg(feature = "postgres")]
#[expect(clippy::unnecessary_wraps, reason = "a build without PostgreSQL refuses")]
fn pgvector(settings: &Settings) -> anyhow::Result<VectorStore> {
    let section = &settings.pgvector;
    Ok(VectorStore::Pgvector(PgvectorOptions {
        url: settings.vector_database().expose().to_owned(),
        connections: section.connections.into(),
        timeout: Duration::from_secs(section.timeout_s),
    }))
}

#[cfg(not(feature = "postgres"))]
fn pgvector(_: &Settings) -> anyhow::Result<VectorStore> {
    anyhow::bail!("search.vectors is \"pgvector\", and this program was built without the feature postgres")
}

fn elasticsearch(settings: &Settings) -> anyhow::Result<ElasticsearchOptions> {
    let section = &settings.elasticsearch;
    Ok(ElasticsearchOptions {
        url: section.url.clone().context("elasticsearch.url is not set")?,
        credentials: match (&section.api_key, &section.password) {
            (Some(key), _) => Credentials::ApiKey(key.expose().clone()),
            (None, Some(password)) => Credentials::Basic { user: section.user.clone(), password: password.expose().clone() },
            (None, None) => Credentials::None,
        },
        ca: certificates("elasticsearch.ca_file", section.ca_file.as_deref())?,
        prefix: section.prefix.clone(),
        timeout: Duration::from_secs(section.timeout_s),
    })
}

fn qdrant(settings: &Settings) -> anyhow::Result<QdrantOptions> {
    let section = &settings.qdrant;
    Ok(QdrantOptions {
        url: section.url.clone().context("qdrant.url is not set")?,
        api_key: section.api_key.as_ref().map(|key| key.expose().clone()),
        ca: certificates("qdrant.ca_file", section.ca_file.as_deref())?,
        prefix: section.prefix.clone(),
        timeout: Duration::from_secs(section.timeout_s),
        quantization: match section.quantization {
            lectern_settings::Quantization::None => Quantization::None,
            lectern_settings::Quantization::Scalar => Quantization::Scalar,
            lectern_settings::Quantization::Binary => Quantization::Binary,
            lectern_settings::Quantization::Product => Quantization::Product,
        },
        vectors_on_disk: section.vectors_on_disk,
        graph_on_disk: section.graph_on_disk,
        payload_on_disk: section.payload_on_disk,
    })
}

fn certificates(key: &str, path: Option<&Path>) -> anyhow::Result<Option<Vec<u8>>> {
    let read = |path: &Path| fs::read(path).with_context(|| format!("{key}: the certificates {} cannot be read", path.display()));
    path.map(read).transpose()
}
