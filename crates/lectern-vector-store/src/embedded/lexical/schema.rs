//! The fields of a lexical index: what it takes to find a chunk, and nothing to show it.

use super::analyser::Analyser;
use crate::LexicalEntry;
use lectern_domain::{ids::ChunkId, language::Language};
use tantivy::{
    Index, TantivyDocument, Term,
    schema::{BytesOptions, FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
};
use uuid::Uuid;

/// The handles of the fields.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    /// The chunk's id as a term, for replacing and removing.
    pub(crate) id: Field,
    /// The upper half of the chunk's id, in a column.
    pub(crate) high: Field,
    /// The lower half.
    pub(crate) low: Field,
    /// The digest of the entry, in a column.
    pub(crate) digest: Field,
    /// Whatever filters look at: see [`lectern_domain::facts::Condition`].
    pub(crate) facts: Field,
    /// Title, headings and text.
    pub(crate) body: Field,
}

/// The schema for a language; its names are part of the format.
pub(crate) fn schema(language: Language) -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let facts = TextOptions::default().set_indexing_options(
        TextFieldIndexing::default().set_tokenizer("raw").set_index_option(IndexRecordOption::Basic).set_fieldnorms(false),
    );
    let body = TextFieldIndexing::default().set_tokenizer(&Analyser::name(language)).set_index_option(IndexRecordOption::WithFreqs);
    let fields = Fields {
        id: schema.add_bytes_field("id", BytesOptions::from(INDEXED)),
        high: schema.add_u64_field("id_high", FAST),
        low: schema.add_u64_field("id_low", FAST),
        digest: schema.add_bytes_field("digest", BytesOptions::from(FAST)),
        facts: schema.add_text_field("facts", facts),
        body: schema.add_text_field("body", TextOptions::default().set_indexing_options(body)),
    };
    (schema.build(), fields)
}

/// Tells the index how its language is analysed.
pub(crate) fn register(index: &Index, language: Language) {
    index.tokenizers().register(&Analyser::name(language), Analyser::new(language));
}

impl Fields {
    /// The term of a chunk's id.
    pub(crate) fn id_term(self, chunk: ChunkId) -> Term {
        Term::from_field_bytes(self.id, chunk.0.as_bytes())
    }

    /// The term of a word that filters look at.
    pub(crate) fn fact_term(self, fact: &str) -> Term {
        Term::from_field_text(self.facts, fact)
    }

    /// An entry as the engine takes it.
    pub(crate) fn document(self, entry: &LexicalEntry) -> TantivyDocument {
        let mut row = TantivyDocument::default();
        let (high, low) = entry.chunk.0.as_u64_pair();
        row.add_bytes(self.id, entry.chunk.0.as_bytes());
        row.add_u64(self.high, high);
        row.add_u64(self.low, low);
        row.add_bytes(self.digest, &entry.digest().0);
        let document = &entry.document;
        for fact in document.facts() {
            row.add_text(self.facts, fact);
        }
        for text in [&document.title, &entry.heading, &entry.text] {
            if !text.is_empty() {
                row.add_text(self.body, text);
            }
        }
        row
    }
}

/// The id whose halves stand in the columns.
pub(crate) fn chunk_id(high: u64, low: u64) -> ChunkId {
    ChunkId(Uuid::from_u64_pair(high, low))
}
