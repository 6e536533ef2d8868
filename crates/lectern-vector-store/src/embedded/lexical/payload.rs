//! What a commit says about itself, beside the engine's own bookkeeping.

use super::analyser::Analyser;
use lectern_domain::{
    change::Cursor,
    ids::{EntryId, GenerationId},
    language::Language,
};
use serde::{Deserialize, Serialize};

/// Raised when fields change their meaning, or other ones are kept of documents.
const FORMAT: u32 = 4;

/// Stored with every commit.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    format: u32,
    generation: GenerationId,
    analyser: String,
    seq: i64,
    entry: EntryId,
}

/// The payload of a commit at this cursor.
pub(crate) fn encode(generation: GenerationId, language: Language, cursor: Cursor) -> Result<String, serde_json::Error> {
    let Cursor { seq, entry } = cursor;
    serde_json::to_string(&Payload { format: FORMAT, generation, analyser: Analyser::name(language), seq, entry })
}

/// The cursor of a payload, or none where it is not of this format, generation and analyser.
pub(crate) fn decode(payload: &str, generation: GenerationId, language: Language) -> Option<Cursor> {
    let payload: Payload = serde_json::from_str(payload).ok()?;
    let known = payload.format == FORMAT && payload.generation == generation && payload.analyser == Analyser::name(language);
    known.then_some(Cursor { seq: payload.seq, entry: payload.entry })
}
