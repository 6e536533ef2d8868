//! Where rows come from, page by page.

#[cfg(feature = "postgres")]
use crate::stores::pgvector::lane::Lane;
use crate::{ServiceError, stores::SeedPlace};
#[cfg(feature = "postgres")]
use lectern_domain::Invalid;
#[cfg(feature = "postgres")]
use lectern_persistence::{
    DatabaseUrl, DbError,
    seed::{self, SeedTable},
};
use lectern_vector_store::seed::{ElasticsearchSeed, QdrantSeed, SeedRow};
#[cfg(feature = "postgres")]
use serde_json::{Map, Value};
use std::fmt;
#[cfg(feature = "postgres")]
use std::time::Duration;

/// The most rows of a page of a table.
#[cfg(feature = "postgres")]
const PAGE: i64 = 200;

/// How long a page is waited for.
#[cfg(feature = "postgres")]
const PATIENCE: Duration = Duration::from_secs(120);

/// Where another program keeps texts and their vectors. `Debug` shows no secret.
#[derive(Clone)]
pub enum Seed {
    /// In an index of an Elasticsearch or an OpenSearch.
    Elasticsearch {
        /// Which one.
        place: SeedPlace,
        /// The index, or an alias of one.
        index: String,
        /// The field of the vectors, where there are several.
        vector: Option<String>,
    },
    /// In a collection of a Qdrant.
    Qdrant {
        /// Which one.
        place: SeedPlace,
        /// The collection.
        collection: String,
        /// The name of the vectors, where there are several.
        vector: Option<String>,
    },
    /// In a table of a PostgreSQL with pgvector.
    #[cfg(feature = "postgres")]
    Pgvector {
        /// The database's URL; may hold a password.
        url: String,
        /// The table.
        table: String,
        /// The collection, of a table that holds several.
        collection: Option<String>,
    },
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elasticsearch { place, index, .. } => write!(f, "Elasticsearch({place}, {index})"),
            Self::Qdrant { place, collection, .. } => write!(f, "Qdrant({place}, {collection})"),
            #[cfg(feature = "postgres")]
            Self::Pgvector { table, .. } => write!(f, "Pgvector({table})"),
        }
    }
}

/// The rows of a seed.
pub(super) enum Pages {
    Elasticsearch(ElasticsearchSeed),
    Qdrant(QdrantSeed),
    #[cfg(feature = "postgres")]
    Pgvector {
        lane: Box<Lane>,
        table: SeedTable,
        after: Option<String>,
    },
}

impl Pages {
    pub(super) async fn open(seed: &Seed) -> Result<Self, ServiceError> {
        Ok(match seed {
            Seed::Elasticsearch { place, index, vector } => {
                Self::Elasticsearch(ElasticsearchSeed::open(place, index, vector.as_deref()).await?)
            }
            Seed::Qdrant { place, collection, vector } => Self::Qdrant(QdrantSeed::open(place, collection, vector.as_deref()).await?),
            #[cfg(feature = "postgres")]
            Seed::Pgvector { url, table, collection } => {
                let url: DatabaseUrl = url.parse().map_err(DbError::from)?;
                let lane = Box::new(Lane::open(&url, "import", 1, PATIENCE)?);
                let (name, of) = (table.clone(), collection.clone());
                let table = lane.read(move |conn| seed::describe(conn, &name, of.as_deref())).await?;
                let table = table.map_err(|unfit| Invalid::new("table", unfit.to_string()))?;
                Self::Pgvector { lane, table, after: None }
            }
        })
    }

    /// Whether the rows have vectors.
    pub(super) fn has_vectors(&self) -> bool {
        match self {
            Self::Elasticsearch(seed) => seed.has_vectors(),
            Self::Qdrant(_) => true,
            #[cfg(feature = "postgres")]
            Self::Pgvector { .. } => true,
        }
    }

    /// Ends the use of what was opened. Blocks, for a moment.
    pub(super) fn close(self) {
        #[cfg(feature = "postgres")]
        if let Self::Pgvector { lane, .. } = self {
            // Its one connection is not in use any more.
            lane.database.close(Duration::from_secs(1));
        }
    }

    /// The next rows; none at the end.
    pub(super) async fn next_page(&mut self) -> Result<Option<Vec<SeedRow>>, ServiceError> {
        match self {
            Self::Elasticsearch(seed) => Ok(seed.next_page().await?),
            Self::Qdrant(seed) => Ok(seed.next_page().await?),
            #[cfg(feature = "postgres")]
            Self::Pgvector { lane, table, after } => {
                let (of, from) = (table.clone(), after.clone());
                let rows = lane.read(move |conn| seed::page(conn, &of, from.as_deref(), PAGE)).await?;
                let Some(last) = rows.last() else { return Ok(None) };
                *after = Some(last.key.clone());
                Ok(Some(rows.into_iter().map(row).collect()))
            }
        }
    }
}

/// A row of a table as other stores would have it.
#[cfg(feature = "postgres")]
fn row(row: seed::SeedRow) -> SeedRow {
    let mut fields: Map<String, Value> = serde_json::from_str(&row.others).unwrap_or_default();
    if let Some(text) = row.text {
        fields.insert("page_content".to_owned(), Value::from(text));
    }
    if let Some(metadata) = row.metadata.and_then(|metadata| serde_json::from_str(&metadata).ok()) {
        fields.insert("metadata".to_owned(), metadata);
    }
    SeedRow { id: row.key, fields, vector: row.vector }
}
