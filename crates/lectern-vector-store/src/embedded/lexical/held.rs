//! What an index holds, in the order of the chunks' ids.

use super::{opened::Opened, schema::Fields};
use crate::Held;
use lectern_domain::{digest::Digest, ids::ChunkId};
use std::io;
use tantivy::{
    DocId, DocSet as _, InvertedIndexReader, Searcher, SegmentReader, TERMINATED, columnar::BytesColumn, postings::TermInfo,
    schema::IndexRecordOption,
};
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
        if let Some(document) = living(segment, &inverted, terms.value())? {
            found.push((ChunkId(id), document));
        }
    }
    Ok(found)
}

/// The document of an id's term that is not deleted.
fn living(segment: &SegmentReader, inverted: &InvertedIndexReader, term: &TermInfo) -> io::Result<Option<DocId>> {
    let mut postings = inverted.read_postings_from_terminfo(term, IndexRecordOption::Basic)?;
    let mut document = postings.doc();
    while document != TERMINATED && segment.is_deleted(document) {
        document = postings.advance();
    }
    Ok((document != TERMINATED).then_some(document))
}

fn digests(searcher: &Searcher, fields: Fields, found: Vec<(ChunkId, usize, DocId)>) -> tantivy::Result<Vec<Held>> {
    let columns = searcher.segment_readers().iter().map(|segment| column(segment, fields)).collect::<tantivy::Result<Vec<_>>>()?;
    let digest = |segment: usize, document| columns[segment].as_ref().map_or(Ok(None), |column| digest_at(column, document));
    found.into_iter().map(|(chunk, segment, document)| Ok(Held { chunk, digest: digest(segment, document)? })).collect()
}

/// One chunk, where the last commit has it.
pub(crate) fn of_chunk(searcher: &Searcher, fields: Fields, chunk: ChunkId) -> tantivy::Result<Option<Held>> {
    let id = fields.id_term(chunk);
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(fields.id)?;
        if let Some(term) = inverted.get_term_info(&id)?
            && let Some(document) = living(segment, &inverted, &term)?
        {
            let digest = column(segment, fields)?.map_or(Ok(None), |column| digest_at(&column, document))?;
            return Ok(Some(Held { chunk, digest }));
        }
    }
    Ok(None)
}

fn column(segment: &SegmentReader, fields: Fields) -> tantivy::Result<Option<BytesColumn>> {
    segment.fast_fields().bytes(segment.schema().get_field_name(fields.digest))
}

fn digest_at(column: &BytesColumn, document: DocId) -> io::Result<Option<Digest>> {
    let mut bytes = Vec::new();
    if let Some(ord) = column.term_ords(document).next() {
        column.ord_to_bytes(ord, &mut bytes)?;
    }
    Ok(<[u8; 32]>::try_from(bytes.as_slice()).ok().map(Digest))
}
