//! What an index holds, in the order of the chunks' ids.

use super::{opened::Opened, schema::Fields};
use crate::Held;
use lectern_domain::{digest::Digest, ids::ChunkId};
use tantivy::{DocId, DocSet as _, Searcher, SegmentReader, TERMINATED, schema::IndexRecordOption};
use uuid::Uuid;

/// The chunks after `after`, at most `limit`. Each segment has its ids in order, so that a page costs as much at the end as at the beginning.
pub(crate) fn held(opened: &Opened, after: Option<ChunkId>, limit: usize) -> tantivy::Result<Vec<Held>> {
    let searcher = opened.reader.searcher();
    let mut found: Vec<(ChunkId, usize, DocId)> = Vec::new();
    for (at, segment) in searcher.segment_readers().iter().enumerate() {
        found.extend(of_segment(segment, opened.fields, after, limit)?.into_iter().map(|(chunk, document)| (chunk, at, document)));
    }
    found.sort_unstable();
    found.dedup_by_key(|(chunk, ..)| *chunk);
    found.truncate(limit);
    digests(&searcher, opened.fields, found)
}

fn of_segment(segment: &SegmentReader, fields: Fields, after: Option<ChunkId>, limit: usize) -> tantivy::Result<Vec<(ChunkId, DocId)>> {
    let inverted = segment.inverted_index(fields.id)?;
    let range = inverted.terms().range();
    let mut terms = match &after {
        Some(after) => range.gt(after.0.as_bytes()),
        None => range,
    }
    .into_stream()?;
    let mut found = Vec::new();
    while found.len() < limit && terms.advance() {
        let Ok(id) = Uuid::from_slice(terms.key()) else { continue };
        let mut postings = inverted.read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
        let mut document = postings.doc();
        while document != TERMINATED && segment.is_deleted(document) {
            document = postings.advance();
        }
        if document != TERMINATED {
            found.push((ChunkId(id), document));
        }
    }
    Ok(found)
}

fn digests(searcher: &Searcher, fields: Fields, found: Vec<(ChunkId, usize, DocId)>) -> tantivy::Result<Vec<Held>> {
    let name = searcher.schema().get_field_name(fields.digest);
    let columns =
        searcher.segment_readers().iter().map(|segment| segment.fast_fields().bytes(name)).collect::<tantivy::Result<Vec<_>>>()?;
    let (mut held, mut bytes) = (Vec::with_capacity(found.len()), Vec::new());
    for (chunk, segment, document) in found {
        bytes.clear();
        if let Some(column) = &columns[segment]
            && let Some(ord) = column.term_ords(document).next()
        {
            column.ord_to_bytes(ord, &mut bytes)?;
        }
        held.push(Held { chunk, digest: <[u8; 32]>::try_from(bytes.as_slice()).ok().map(Digest) });
    }
    Ok(held)
}
