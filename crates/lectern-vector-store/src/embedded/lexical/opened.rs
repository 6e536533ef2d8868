//! A lexical index as it is on the disk: opening, creating and reloading.

use super::{analyser::Analyser, payload, schema};
use crate::{
    StoreError,
    embedded::files::{Stamp, create_folder, discard, engine_error, io_error},
};
use lectern_domain::{change::Cursor, collection::Generation};
use std::{
    io,
    path::{Path, PathBuf},
};
use tantivy::{Index, IndexReader, IndexSettings, ReloadPolicy, TantivyError, directory::MmapDirectory};

/// An index that can be searched.
pub(crate) struct Opened {
    pub(crate) index: Index,
    pub(crate) reader: IndexReader,
    pub(crate) fields: schema::Fields,
    pub(crate) analyser: Analyser,
    /// Up to where it is filled; none for one that was just created.
    pub(crate) cursor: Option<Cursor>,
    /// What its file of contents looked like when it was read.
    pub(crate) stamp: Option<Stamp>,
}

impl Opened {
    /// The same index at another commit.
    pub(crate) fn at(&self, cursor: Option<Cursor>, stamp: Option<Stamp>) -> Self {
        let (index, reader, analyser) = (self.index.clone(), self.reader.clone(), self.analyser.clone());
        Self { index, reader, fields: self.fields, analyser, cursor, stamp }
    }
}

/// The file that every commit replaces.
fn contents(path: &Path) -> PathBuf {
    path.join("meta.json")
}

/// The stamp of the last commit.
pub(crate) fn stamp(path: &Path) -> Option<Stamp> {
    Stamp::of(&contents(path))
}

/// Opens the index of a generation. None where there is none, or one that can't be read or was made otherwise.
pub(crate) fn open(path: &Path, generation: &Generation) -> Option<Opened> {
    let stamp = stamp(path)?;
    match try_open(path, generation, stamp) {
        Ok(opened) => opened,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "a lexical index can't be read and will be built anew");
            None
        }
    }
}

fn try_open(path: &Path, generation: &Generation, stamp: Stamp) -> tantivy::Result<Option<Opened>> {
    let index = Index::open_in_dir(path)?;
    let (schema, fields) = schema::schema(generation.language);
    let payload = index.load_metas()?.payload;
    let cursor = payload.and_then(|payload| payload::decode(&payload, generation.id, generation.language));
    if index.schema() != schema || cursor.is_none() {
        return Ok(None);
    }
    schema::register(&index, generation.language);
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
    Ok(Some(Opened { index, reader, fields, analyser: Analyser::new(generation.language), cursor, stamp: Some(stamp) }))
}

/// The same index after somebody committed: segments that were merged, and the cursor.
pub(crate) fn reload(opened: &Opened, path: &Path, generation: &Generation) -> Option<Opened> {
    let stamp = stamp(path);
    let read = || {
        opened.reader.reload()?;
        let payload = opened.index.load_metas()?.payload;
        Ok::<_, TantivyError>(payload.and_then(|payload| payload::decode(&payload, generation.id, generation.language)))
    };
    match read() {
        Ok(cursor) => Some(opened.at(cursor, stamp)),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "a lexical index can't be read and will be built anew");
            None
        }
    }
}

/// Creates an empty index in the place of whatever is there.
pub(crate) fn create(path: &Path, generation: &Generation) -> Result<Opened, StoreError> {
    if let Some(folder) = path.parent() {
        create_folder(folder)?;
    }
    discard(path)?;
    create_folder(path)?;
    let make = || {
        let (schema, fields) = schema::schema(generation.language);
        let index = Index::create(MmapDirectory::open(path)?, schema, IndexSettings::default())?;
        schema::register(&index, generation.language);
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Opened { index, reader, fields, analyser: Analyser::new(generation.language), cursor: None, stamp: stamp(path) })
    };
    make().map_err(|error| failed("create the lexical index", path, error))
}

/// An error of the engine, told as an IO error where it is one.
pub(crate) fn failed(doing: &str, path: &Path, error: TantivyError) -> StoreError {
    let kind = match &error {
        TantivyError::IoError(source) => Some(source.kind()),
        TantivyError::OpenWriteError(tantivy::directory::error::OpenWriteError::IoError { io_error, .. })
        | TantivyError::OpenReadError(tantivy::directory::error::OpenReadError::IoError { io_error, .. }) => Some(io_error.kind()),
        _ => None,
    };
    match kind {
        Some(kind) => io_error(doing, path, io::Error::new(kind, error)),
        None => engine_error(doing, path, error),
    }
}
