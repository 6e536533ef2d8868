//! Vectors in PostgreSQL, with pgvector. The SQL is in `lectern_persistence::vector_index`; here it meets the interface of indexes. It has
//! connections and threads of its own, so that no search waits for the work of the main database, nor that for a search.

pub(crate) mod lane;
mod options;
mod rows;

pub use options::PgvectorOptions;

use crate::ServiceError;
use lane::{Lane, PATIENCE, silent};
use lectern_domain::{
    access::Scope,
    change::Cursor,
    collection::Generation,
    facts::Condition,
    ids::{ChunkId, GenerationId, InstallationId},
    search::Hit,
};
use lectern_persistence::{
    Conn, Database, DatabaseUrl, DbError,
    vector_index::{self, Described, Extension, MOST_DIMENSIONS, Nearest, OLDEST, VectorTable},
};
use lectern_vector_store::{
    Batch, Held, Near, Position, Rejected, StoreError, StoreFuture, VectorEntry, VectorIndex, VectorQuery, best_first, check_vectors, page,
};
use rows::row;
use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

/// What it is called in messages.
const STORE: &str = "pgvector";

/// How long a change may take.
const CHANGE: Duration = Duration::from_secs(120);

/// How long a graph may take to build.
const GRAPH: Duration = Duration::from_secs(24 * 60 * 60);

/// The tables of an installation, as an index of vectors.
pub struct Pgvector {
    searches: Lane,
    changes: Lane,
    place: String,
    installation: InstallationId,
    timeout: Duration,
    extension: OnceLock<Extension>,
    /// The generations whose tables are there, as far as searches have seen.
    there: Mutex<HashSet<GenerationId>>,
    /// Those whose tables this process made, or whose places it asked for: where one is not there any more, what was put is lost.
    followed: Mutex<HashSet<GenerationId>>,
    /// Those that have a graph.
    graphs: Mutex<HashSet<GenerationId>>,
}

fn lock(of: &Mutex<HashSet<GenerationId>>) -> MutexGuard<'_, HashSet<GenerationId>> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pgvector {
    /// Sets up connections; opens none, so that a database that is down is no obstacle to a start.
    ///
    /// # Errors
    /// [`ServiceError`] where the URL is not one of PostgreSQL, or the system gives no threads.
    pub fn new(options: &PgvectorOptions, installation: InstallationId) -> Result<Self, ServiceError> {
        let url: DatabaseUrl = options.url.parse().map_err(DbError::from)?;
        Ok(Self {
            searches: Lane::open(&url, "vectors", options.connections, options.timeout + PATIENCE)?,
            changes: Lane::open(&url, "vector-changes", 1, CHANGE)?,
            place: url.to_string(),
            installation,
            timeout: options.timeout,
            extension: OnceLock::new(),
            there: Mutex::default(),
            followed: Mutex::default(),
            graphs: Mutex::default(),
        })
    }

    /// Where it is, without secrets.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// What has to be closed before the process ends.
    pub(super) fn databases(&self) -> [Database; 2] {
        [self.searches.database.clone(), self.changes.database.clone()]
    }

    /// The extension, made where it is not there.
    async fn extension(&self) -> Result<Extension, StoreError> {
        if let Some(extension) = self.extension.get() {
            return Ok(extension.clone());
        }
        let found = self.changes.read(vector_index::extension).await?;
        let prepared = self.changes.read(vector_index::prepare).await;
        let extension = match (found, prepared) {
            (_, Ok(())) => self.changes.read(vector_index::extension).await?,
            (_, Err(error @ StoreError::Unavailable { .. })) => return Err(error),
            // Who may make nothing can use what an administrator made.
            (Some(extension), Err(error)) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "the schema of the vectors could not be prepared");
                Some(extension)
            }
            (None, Err(error)) => {
                let why = crate::with_causes(&error);
                return Err(StoreError::Mismatch(format!(
                    "{} has no pgvector: install it there, and let an administrator run CREATE EXTENSION vector ({why})",
                    self.place
                )));
            }
        };
        let extension = extension.ok_or_else(|| StoreError::Mismatch(format!("{} has no pgvector", self.place)))?;
        if !extension.is_new_enough() {
            let (major, minor) = OLDEST;
            return Err(StoreError::Mismatch(format!(
                "{} has pgvector {}, and Lectern needs {major}.{minor} or newer: ALTER EXTENSION vector UPDATE",
                self.place, extension.version
            )));
        }
        Ok(self.extension.get_or_init(|| extension).clone())
    }

    /// The table of a generation; none where it has no model.
    fn table(&self, generation: &Generation) -> Result<Option<VectorTable>, StoreError> {
        let Some(model) = &generation.model else { return Ok(None) };
        let table = VectorTable::new(self.installation, generation.id, model.spec.dimensions);
        table.map(Some).ok_or_else(|| {
            StoreError::Mismatch(format!(
                "the vectors of {} have {} components, and pgvector indexes at most {MOST_DIMENSIONS}",
                model.spec.name, model.spec.dimensions
            ))
        })
    }

    async fn describe(&self, table: &VectorTable) -> Result<Described, StoreError> {
        let table = table.clone();
        self.changes.read(move |conn| vector_index::describe(conn, &table)).await
    }

    async fn check_tables(&self, generations: &[Generation]) -> Result<(), StoreError> {
        self.extension().await?;
        for generation in generations {
            let Some(table) = self.table(generation)? else { continue };
            if let Described::Other { dimensions, layout } = self.describe(&table).await? {
                let (name, expected) = (table.name(), generation.model.as_ref().map_or(0, |model| model.spec.dimensions));
                return Err(StoreError::Mismatch(format!(
                    "the table lectern_index.{name} of {} is not one that this version made: it has layout {layout} and vectors of {dimensions} \
                     components instead of {expected}. Drop it, and it is filled anew",
                    self.place
                )));
            }
        }
        Ok(())
    }

    /// The tables of generations that are there; others hold nothing yet.
    async fn tables(&self, generations: &[&Generation]) -> Result<Vec<VectorTable>, StoreError> {
        let mut tables = Vec::new();
        for generation in generations {
            let Some(table) = self.table(generation)? else { continue };
            let known = lock(&self.there).contains(&generation.id);
            if !known {
                let of = table.clone();
                let described = self.searches.read(move |conn| vector_index::describe(conn, &of)).await?;
                if !matches!(described, Described::There(_)) {
                    continue;
                }
                lock(&self.there).insert(generation.id);
            }
            tables.push(table);
        }
        Ok(tables)
    }

    async fn nearest(&self, scope: &Scope, query: &VectorQuery) -> Result<Vec<Hit>, StoreError> {
        let Near { generations, limit } = query.near(scope)?;
        let tables = self.tables(&generations).await?;
        if tables.is_empty() {
            return Ok(Vec::new());
        }
        let extension = self.extension().await?;
        let query =
            Nearest { vector: query.vector.clone(), limit, condition: query.filter.as_ref().map(Condition::of), timeout: self.timeout };
        let found = self.searches.read(move |conn| vector_index::nearest(conn, &tables, &extension, &query)).await;
        let mut hits = found.inspect_err(|_| lock(&self.there).clear())?;
        best_first(&mut hits);
        hits.truncate(limit);
        Ok(hits)
    }

    async fn change(&self, generation: &Generation, batch: Batch<VectorEntry>) -> Result<Vec<Rejected>, StoreError> {
        check_vectors(&batch.puts, generation.model.as_ref().map_or(0, |model| model.spec.dimensions))?;
        let Some(table) = self.table(generation)? else { return Ok(Vec::new()) };
        let extension = self.extension().await?;
        self.in_its_table(generation.id, &table, move |conn, table| {
            vector_index::remove(conn, table, batch.seq, &batch.removes)?;
            vector_index::put(conn, table, &extension, batch.seq, batch.puts.into_iter().map(row).collect())
        })
        .await?;
        Ok(Vec::new())
    }

    async fn reach(&self, generation: &Generation, cursor: Cursor) -> Result<Option<Cursor>, StoreError> {
        let Some(table) = self.table(generation)? else { return Ok(None) };
        let extension = self.extension().await?;
        self.in_its_table(generation.id, &table, move |conn, table| vector_index::commit(conn, table, cursor)).await?;
        let has_graph = lock(&self.graphs).contains(&generation.id);
        let build = move |conn: &mut Conn| vector_index::index_if_large(conn, &table, &extension);
        if !has_graph && self.changes.write_within(GRAPH, build).await? {
            lock(&self.graphs).insert(generation.id);
        }
        Ok(Some(cursor))
    }

    /// Changes a generation's table. One that is not there is made, unless this process has followed with it: then it is lost, the follower
    /// asks for its place again, and fills it.
    async fn in_its_table(
        &self,
        generation: GenerationId,
        table: &VectorTable,
        change: impl FnOnce(&mut Conn, &VectorTable) -> Result<(), DbError> + Send + 'static,
    ) -> Result<(), StoreError> {
        let extension = self.extension().await?;
        let (of, followed) = (table.clone(), lock(&self.followed).contains(&generation));
        let changed = self.changes.write(move |conn| {
            if !followed {
                vector_index::ensure(conn, &of, &extension)?;
            } else if !matches!(vector_index::describe(conn, &of)?, Described::There(_)) {
                return Ok(false);
            }
            change(conn, &of)?;
            Ok(true)
        });
        if changed.await? {
            lock(&self.followed).insert(generation);
            return Ok(());
        }
        self.forget(generation);
        Err(StoreError::Unavailable { store: STORE, why: format!("the table {} is gone, and is filled anew", table.name()) })
    }

    async fn reached(&self, generation: &Generation) -> Result<Option<Cursor>, StoreError> {
        let Some(table) = self.table(generation)? else { return Ok(None) };
        match self.describe(&table).await? {
            Described::There(cursor) => {
                lock(&self.followed).insert(generation.id);
                Ok(cursor)
            }
            Described::Absent | Described::Other { .. } => {
                self.forget(generation.id);
                Ok(None)
            }
        }
    }

    async fn list(&self, generation: &Generation, after: Option<ChunkId>, limit: usize) -> Result<Vec<Held>, StoreError> {
        let Some(table) = self.table(generation)? else { return Ok(Vec::new()) };
        if !matches!(self.describe(&table).await?, Described::There(_)) {
            return Ok(Vec::new());
        }
        let limit = page(limit) as i64;
        let held = self.changes.read(move |conn| vector_index::held(conn, &table, after, limit)).await?;
        Ok(held.into_iter().map(|(chunk, digest)| Held { chunk, digest }).collect())
    }

    fn forget(&self, generation: GenerationId) {
        for known in [&self.there, &self.followed, &self.graphs] {
            lock(known).remove(&generation);
        }
    }
}

impl VectorIndex for Pgvector {
    fn most_dimensions(&self) -> u32 {
        MOST_DIMENSIONS
    }

    fn check<'a>(&'a self, generations: &'a [Generation]) -> StoreFuture<'a, ()> {
        Box::pin(self.check_tables(generations))
    }

    fn search<'a>(&'a self, scope: &'a Scope, query: &'a VectorQuery) -> StoreFuture<'a, Vec<Hit>> {
        Box::pin(async move {
            // The statement has the same limit; this one is for a server that says nothing at all.
            match tokio::time::timeout(self.timeout + PATIENCE, self.nearest(scope, query)).await {
                Ok(found) => found,
                Err(_elapsed) => Err(silent()),
            }
        })
    }

    fn apply<'a>(&'a self, generation: &'a Generation, batch: Batch<VectorEntry>) -> StoreFuture<'a, Vec<Rejected>> {
        Box::pin(self.change(generation, batch))
    }

    fn commit<'a>(&'a self, generation: &'a Generation, cursor: Cursor) -> StoreFuture<'a, Option<Cursor>> {
        Box::pin(self.reach(generation, cursor))
    }

    fn position<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, Position> {
        Box::pin(async move { Ok(self.reached(generation).await?.map_or(Position::Empty, Position::At)) })
    }

    fn held<'a>(&'a self, generation: &'a Generation, after: Option<ChunkId>, limit: usize) -> StoreFuture<'a, Vec<Held>> {
        Box::pin(self.list(generation, after, limit))
    }

    fn clear<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let Some(table) = self.table(generation)? else { return Ok(()) };
            let extension = self.extension().await?;
            self.forget(generation.id);
            // The schema may be lost too. Who may not make it can use what an administrator made.
            if let Err(error) = self.changes.read(vector_index::prepare).await {
                tracing::debug!(error = &error as &dyn std::error::Error, "the schema of the vectors could not be prepared");
            }
            self.changes.write(move |conn| vector_index::clear(conn, &table, &extension)).await
        })
    }

    fn drop_generation(&self, generation: GenerationId) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.forget(generation);
            let name = VectorTable::name_of(self.installation, generation);
            self.changes.write(move |conn| vector_index::drop_table(conn, &name)).await
        })
    }
}
