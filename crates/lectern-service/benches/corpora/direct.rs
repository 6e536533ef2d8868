//! The two engines with nothing around them: the same analyser, metric, precision and parameters, the same texts and vectors.

use crate::LIMIT;
use lectern_domain::language::Language;
use lectern_testkit::synthetic::{DIMENSIONS, World, vector};
use lectern_vector_store::embedded::language_analyser;
use std::sync::Mutex;
use tantivy::{
    Index, IndexReader, TantivyDocument, Term,
    collector::TopDocs,
    query::{BooleanQuery, Query, TermQuery},
    schema::{FAST, Field, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions},
    tokenizer::TextAnalyzer,
};
use tempfile::TempDir;
use usearch::{IndexOptions, MetricKind, ScalarKind};

/// Both, filled.
pub(crate) struct Direct {
    pub(crate) words: Words,
    pub(crate) vectors: usearch::Index,
}

impl Direct {
    pub(crate) fn nearest(&self, vector: &[f32]) -> usize {
        self.vectors.search(vector, LIMIT).expect("hits").keys.len()
    }
}

/// tantivy.
pub(crate) struct Words {
    reader: IndexReader,
    analyser: Mutex<TextAnalyzer>,
    body: Field,
    key: Field,
    _folder: TempDir,
}

impl Words {
    pub(crate) fn fill(world: &World) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default().set_tokenizer("fr").set_index_option(IndexRecordOption::WithFreqs);
        let body = schema.add_text_field("body", TextOptions::default().set_indexing_options(indexing));
        let key = schema.add_u64_field("key", FAST | STORED);
        let index = Index::create_in_dir(folder.path(), schema.build()).expect("an index");
        index.tokenizers().register("fr", language_analyser(Language::Fr));
        let mut writer = index.writer_with_num_threads::<TantivyDocument>(2, 32_000_000).expect("a writer");
        for (number, text) in world.chunks.iter().enumerate() {
            let mut document = TantivyDocument::default();
            document.add_text(body, text);
            document.add_u64(key, number as u64);
            writer.add_document(document).expect("room");
        }
        writer.commit().expect("a commit");
        writer.wait_merging_threads().expect("an end");
        let reader = index.reader().expect("a reader");
        let analyser = Mutex::new(TextAnalyzer::from(language_analyser(Language::Fr)));
        Self { reader, analyser, body, key, _folder: folder }
    }

    pub(crate) fn search(&self, question: &str) -> Vec<u64> {
        let mut terms: Vec<Box<dyn Query>> = Vec::new();
        let mut analyser = self.analyser.lock().expect("nobody panics");
        let mut stream = analyser.token_stream(question);
        while let Some(token) = stream.next() {
            terms.push(Box::new(TermQuery::new(Term::from_field_text(self.body, &token.text), IndexRecordOption::WithFreqs)));
        }
        let searcher = self.reader.searcher();
        let found = searcher.search(&BooleanQuery::union(terms), &TopDocs::with_limit(LIMIT).order_by_score()).expect("hits");
        let name = searcher.schema().get_field_name(self.key);
        let key = |(_, address): (f32, tantivy::DocAddress)| {
            searcher.segment_reader(address.segment_ord).fast_fields().u64(name).ok()?.first(address.doc_id)
        };
        found.into_iter().filter_map(key).collect()
    }
}

/// usearch.
pub(crate) fn vectors(world: &World) -> usearch::Index {
    let options = IndexOptions {
        dimensions: DIMENSIONS,
        metric: MetricKind::IP,
        quantization: ScalarKind::F16,
        connectivity: 16,
        expansion_add: 128,
        expansion_search: 96,
        multi: false,
    };
    let index = usearch::Index::new(&options).expect("an index");
    index.reserve(world.chunks.len()).expect("room");
    for (key, text) in world.chunks.iter().enumerate() {
        index.add(key as u64, &vector(text)).expect("room");
    }
    index
}
