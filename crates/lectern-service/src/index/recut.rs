//! Cutting the documents of a collection anew, for a generation of another chunking.

use crate::{ServiceError, app::App, corpora::chunks_made_of};
use lectern_domain::{
    change::{ChangeKind, NewChange},
    chunk::Chunk,
    collection::Generation,
    document::Document,
    ids::DocumentId,
};
use lectern_persistence::{
    DbError, Tx,
    repo::{
        chunks::{self, ChunkPlace},
        documents, recut,
    },
};

/// The documents that are read, cut and written at once.
const DOCUMENTS: i64 = 20;

/// Cuts every document whose current version has no chunks under the generation's chunking. One that was cut before is left alone, so an
/// interrupted call is gone on with by the next. What is put meanwhile is cut by who puts it.
///
/// # Errors
/// Failures of the database; what was done until then stays.
pub(super) async fn recut(app: &App, generation: &Generation, mut progress: impl FnMut(usize)) -> Result<(), ServiceError> {
    let (collection, chunking) = (generation.collection, generation.chunking);
    let (mut after, mut done) = (DocumentId(0), 0);
    loop {
        let page = app.bridge.read(move |conn| recut::uncut(conn, collection, &chunking.fingerprint(), after, DOCUMENTS)).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id;
        let cut = move |document: Document| {
            let content = &document.content;
            let passages = lectern_corpus::passages(&content.text, content.format, chunking).collect();
            (chunks_made_of(document.version_id, passages, chunking), document)
        };
        let cut: Vec<_> = app.bridge.compute(move || page.into_iter().map(cut).collect()).await?;
        let of = generation.clone();
        done += app.bridge.write(move |tx| write(tx, &of, cut)).await?;
        progress(done);
        app.followers.wake();
    }
}

/// Writes the chunks of those documents that are still what was cut, and says in the log that they are there.
fn write(tx: &mut Tx<'_>, generation: &Generation, cut: Vec<(Vec<Chunk>, Document)>) -> Result<usize, DbError> {
    let chunking = generation.chunking.fingerprint();
    let ids: Vec<_> = cut.iter().map(|(_, document)| &document.content.external_id).collect();
    let stored = documents::find_for_update(tx.conn(), generation.collection, &ids)?;
    let versions: Vec<_> = cut.iter().map(|(_, document)| document.version_id).collect();
    let there = chunks::count_of_versions(tx.conn(), &versions, &chunking)?;
    // Another process may have cut it meanwhile, or replaced it.
    let fresh = |document: &Document| {
        let same = stored.get(&document.content.external_id).is_some_and(|stored| stored.version_id == document.version_id);
        same && !there.iter().any(|(_, version, _)| *version == document.version_id)
    };
    let mut written = 0;
    for (chunks, document) in cut.into_iter().filter(|(chunks, document)| !chunks.is_empty() && fresh(document)) {
        let (id, version, count) = (document.id, document.version_id, chunks.len());
        let place = ChunkPlace { collection: generation.collection, document: id, title: &document.content.title, chunking: &chunking };
        chunks::insert(tx.conn(), &[(place, chunks)])?;
        tx.log(NewChange {
            kind: ChangeKind::Put,
            collection: generation.collection,
            document: id,
            version,
            chunking: chunking.clone(),
            chunks: u32::try_from(count).map_err(DbError::corrupt("chunks"))?,
        });
        written += 1;
    }
    Ok(written)
}
