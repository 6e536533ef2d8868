//! Opening the indexes.

use super::{LexicalStore, StoreOptions, VectorStore};
use crate::{ServiceError, blocking::Bridge, follow::Seat};
use lectern_domain::ids::{FollowerId, InstallationId};
use lectern_persistence::{Database, repo::followers::Engine};
use lectern_vector_store::{
    LexicalIndex, StoreError, VectorIndex,
    elasticsearch::{Elasticsearch, ElasticsearchOptions},
    embedded::{EmbeddedFolder, EmbeddedOptions},
    qdrant::Qdrant,
};
use std::{path::PathBuf, sync::Arc};
use uuid::Uuid;

/// The namespace of the ids under which stores outside follow: one for each place.
const NAMESPACE: Uuid = Uuid::from_u128(0x9d0b_5a3e_6c1f_4b7e_8a52_3f6d_1c0e_7b94);

/// What gives a process the right to follow for an index.
pub(crate) enum Right {
    /// The lock of this folder.
    Folder(Arc<EmbeddedFolder>),
    /// A lease in SQL.
    Lease,
}

/// Both indexes.
pub(crate) struct Stores {
    pub(crate) lexical: Arc<dyn LexicalIndex>,
    pub(crate) vectors: Arc<dyn VectorIndex>,
    pub(crate) lexical_seat: Seat,
    pub(crate) vectors_seat: Seat,
    /// The folder of the embedded engines, where one of them is in use.
    pub(crate) folder: Option<Arc<EmbeddedFolder>>,
    /// Databases besides the main one, to be closed before the process ends.
    pub(crate) databases: Vec<Database>,
}

impl Stores {
    /// Opens the folder of the embedded engines where one of them is in use, and sets up the connections of the others, without asking them:
    /// a store that is down is no obstacle to a start.
    ///
    /// # Errors
    /// [`ServiceError::Store`] where the folder can't be opened, or an address or a certificate can't be used.
    pub(crate) async fn open(
        options: &StoreOptions,
        data_dir: PathBuf,
        bridge: &Bridge,
        installation: InstallationId,
    ) -> Result<Self, ServiceError> {
        let embedded = matches!(options.lexical, LexicalStore::Embedded) || matches!(options.vectors, VectorStore::Embedded);
        let folder = if embedded { Some(open_folder(data_dir, bridge, installation).await?) } else { None };
        #[cfg_attr(not(feature = "postgres"), expect(unused_mut, reason = "pgvector alone has databases of its own"))]
        let mut databases = Vec::new();
        let in_folder = || folder.clone().ok_or(ServiceError::Store(StoreError::NotBuilt));
        let (lexical, lexical_seat) = match &options.lexical {
            LexicalStore::Embedded => {
                let folder = in_folder()?;
                (folder.lexical(), folder_seat(Engine::Lexical, folder))
            }
            LexicalStore::Elasticsearch(at) => (Elasticsearch::new(at, installation)?.lexical(), elasticsearch_seat(Engine::Lexical, at)),
        };
        let (vectors, vectors_seat) = match &options.vectors {
            VectorStore::Embedded => {
                let folder = in_folder()?;
                (folder.vectors(), folder_seat(Engine::Vectors, folder))
            }
            VectorStore::Elasticsearch(at) => (Elasticsearch::new(at, installation)?.vectors(), elasticsearch_seat(Engine::Vectors, at)),
            VectorStore::Qdrant(at) => {
                let seat = leased_seat(Engine::Vectors, "qdrant", format!("{} {}", at.url, at.prefix));
                (Qdrant::new(at, installation)?.vectors(), seat)
            }
            #[cfg(feature = "postgres")]
            VectorStore::Pgvector(at) => {
                let vectors = super::pgvector::Pgvector::new(at, installation)?;
                databases.extend(vectors.databases());
                let seat = leased_seat(Engine::Vectors, "pgvector", vectors.place().to_owned());
                (Arc::new(vectors) as Arc<dyn VectorIndex>, seat)
            }
        };
        Ok(Self { lexical, vectors, lexical_seat, vectors_seat, folder, databases })
    }
}

async fn open_folder(data_dir: PathBuf, bridge: &Bridge, installation: InstallationId) -> Result<Arc<EmbeddedFolder>, ServiceError> {
    let (path, searches, changes) = (data_dir.join("index"), bridge.executor(), bridge.background());
    let open = move || EmbeddedFolder::open(&path, installation, searches, changes, EmbeddedOptions::default());
    Ok(bridge.compute(open).await??)
}

fn folder_seat(engine: Engine, folder: Arc<EmbeddedFolder>) -> Seat {
    let (follower, place) = (folder.follower_id(), folder.path().display().to_string());
    Seat::new(engine, follower, "embedded", place, Right::Folder(folder))
}

fn elasticsearch_seat(engine: Engine, at: &ElasticsearchOptions) -> Seat {
    leased_seat(engine, "elasticsearch", format!("{} {}", at.url, at.prefix))
}

/// A store outside: every process that is told of the same place follows under the same id.
fn leased_seat(engine: Engine, kind: &'static str, place: String) -> Seat {
    let follower = FollowerId(Uuid::new_v5(&NAMESPACE, format!("{kind} {place}").as_bytes()));
    Seat::new(engine, follower, kind, place, Right::Lease)
}
