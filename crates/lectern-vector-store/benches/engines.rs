//! The embedded indexes beside their engines called directly, with the same analyser and parameters, on the same synthetic texts.
//!
//! `LECTERN_BENCH_CHUNKS` sets the number of chunks (2,000 unless given). Figures count with optimisation alone: without it, the adapters'
//! own share is many times what it is in a release build.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use lectern_domain::{
    access::{Principal, Scope},
    change::Cursor,
    collection::{Chunking, Collection, CollectionName, Generation, Visibility},
    executor::{Executor, Job, Overloaded},
    fields::FilterableFields,
    ids::{ChunkId, CollectionId, DocumentId, EntryId, GenerationId, InstallationId, ModelId},
    language::Language,
    model::{EmbeddingModel, EmbeddingModelSpec},
};
use lectern_testkit::synthetic::{self, DIMENSIONS, Question};
use lectern_vector_store::{
    Batch, IndexedDocument, LexicalEntry, LexicalQuery, StoreFuture, VectorEntry, VectorQuery,
    embedded::{EmbeddedFolder, EmbeddedOptions, language_analyser},
};
use std::{
    hint::black_box,
    path::Path,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};
use tantivy::{
    Index, IndexReader, TantivyDocument, Term,
    collector::TopDocs,
    query::{BooleanQuery, Query, TermQuery},
    schema::{FAST, Field, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions},
    tokenizer::TextAnalyzer,
};
use usearch::{IndexOptions, MetricKind, ScalarKind};
use uuid::Uuid;

const LIMIT: usize = 10;

/// Runs a job where it is handed in, so that the bench measures the index and no thread's start.
struct Here;

impl Executor for Here {
    fn submit(&self, job: Job) -> Result<(), Overloaded> {
        job();
        Ok(())
    }
}

fn done<T>(future: StoreFuture<'_, T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer.expect("an index that works"),
        Poll::Pending => unreachable!("the executor runs everything at once"),
    }
}

/// The texts, the vectors and the questions.
struct World {
    generation: Generation,
    scope: Scope,
    lexical: Vec<LexicalEntry>,
    vectors: Vec<VectorEntry>,
    questions: Vec<Question>,
}

impl World {
    fn new() -> Self {
        let name = CollectionName::try_from("bench".to_owned()).expect("a name");
        let spec = EmbeddingModelSpec { name: "bench".to_owned(), revision: String::new(), dimensions: DIMENSIONS as u32 };
        let generation = Generation {
            id: GenerationId(1),
            collection: CollectionId(1),
            language: Language::Fr,
            chunking: Chunking::new(1_200, 0).expect("a chunking"),
            fields: FilterableFields::default(),
            model: Some(EmbeddingModel { id: ModelId(1), spec }),
        };
        let collection = Collection {
            id: CollectionId(1),
            uid: name.uid(),
            name,
            owner: None,
            visibility: Visibility::Public,
            language: Language::Fr,
            fields: FilterableFields::default(),
            created_at: Default::default(),
            updated_at: Default::default(),
        };
        let texts = synthetic::World::new(synthetic::chunks_of_a_bench(2_000));
        let (mut lexical, mut vectors) = (Vec::new(), Vec::new());
        for (n, text) in texts.chunks.into_iter().enumerate() {
            let document = Arc::new(IndexedDocument {
                id: DocumentId(n as i32),
                external_id: n.to_string(),
                title: String::new(),
                source: None,
                metadata: Default::default(),
            });
            // As unordered as the names of chunks are.
            let (chunk, vector) = (ChunkId(Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes())), synthetic::vector(&text));
            lexical.push(LexicalEntry { chunk, document: Arc::clone(&document), heading: String::new(), text });
            vectors.push(VectorEntry { chunk, document, vector });
        }
        let scope = Scope::readable(Principal::Operator, [(collection, generation.clone())]);
        Self { generation, scope, lexical, vectors, questions: texts.questions }
    }

    fn fill(&self, path: &Path) -> Arc<EmbeddedFolder> {
        let installation = InstallationId(Uuid::nil());
        let folder =
            EmbeddedFolder::open(path, installation, Arc::new(Here), Arc::new(Here), EmbeddedOptions::default()).expect("a folder");
        self.fill_lexical(&folder, self.lexical.clone());
        self.fill_vectors(&folder, self.vectors.clone());
        folder
    }

    fn fill_lexical(&self, folder: &EmbeddedFolder, puts: Vec<LexicalEntry>) {
        let index = folder.lexical();
        done(index.clear(&self.generation));
        done(index.apply(&self.generation, Batch { seq: 1, removes: Vec::new(), puts }));
        done(index.commit(&self.generation, Cursor { seq: 1, entry: EntryId(Uuid::nil()) }));
    }

    fn fill_vectors(&self, folder: &EmbeddedFolder, puts: Vec<VectorEntry>) {
        let index = folder.vectors();
        done(index.clear(&self.generation));
        done(index.apply(&self.generation, Batch { seq: 1, removes: Vec::new(), puts }));
        done(index.commit(&self.generation, Cursor { seq: 1, entry: EntryId(Uuid::nil()) }));
    }
}

/// tantivy with the same analyser, and nothing around it.
struct Direct {
    index: Index,
    body: Field,
    key: Field,
}

impl Direct {
    fn new(path: &Path) -> Self {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default().set_tokenizer("fr").set_index_option(IndexRecordOption::WithFreqs);
        let body = schema.add_text_field("body", TextOptions::default().set_indexing_options(indexing));
        let key = schema.add_u64_field("key", FAST | STORED);
        let index = Index::create_in_dir(path, schema.build()).expect("an index");
        index.tokenizers().register("fr", language_analyser(Language::Fr));
        Self { index, body, key }
    }

    fn fill(&self, world: &World) {
        let mut writer = self.index.writer_with_num_threads::<TantivyDocument>(2, 32_000_000).expect("a writer");
        for (key, entry) in world.lexical.iter().enumerate() {
            let mut document = TantivyDocument::default();
            document.add_text(self.body, &entry.text);
            document.add_u64(self.key, key as u64);
            writer.add_document(document).expect("room");
        }
        writer.commit().expect("a commit");
        writer.wait_merging_threads().expect("an end");
    }

    fn search(&self, reader: &IndexReader, analyser: &mut TextAnalyzer, question: &str) -> usize {
        let mut terms: Vec<Box<dyn Query>> = Vec::new();
        let mut stream = analyser.token_stream(question);
        while let Some(token) = stream.next() {
            terms.push(Box::new(TermQuery::new(Term::from_field_text(self.body, &token.text), IndexRecordOption::WithFreqs)));
        }
        let query = BooleanQuery::union(terms);
        reader.searcher().search(&query, &TopDocs::with_limit(LIMIT).order_by_score()).expect("hits").len()
    }
}

/// usearch with the same metric, precision and parameters.
fn direct_vectors(world: &World) -> usearch::Index {
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
    index.reserve(world.vectors.len()).expect("room");
    for (key, entry) in world.vectors.iter().enumerate() {
        index.add(key as u64, &entry.vector).expect("room");
    }
    index
}

fn indexing(criterion: &mut Criterion) {
    let world = World::new();
    let mut group = criterion.benchmark_group("index");
    group.sample_size(10).throughput(Throughput::Elements(world.lexical.len() as u64));
    let temporary = || tempfile::tempdir().expect("a folder");
    let options = EmbeddedOptions::default;
    let folder = temporary();
    let open =
        EmbeddedFolder::open(folder.path(), InstallationId(Uuid::nil()), Arc::new(Here), Arc::new(Here), options()).expect("a folder");
    group.bench_function("words", |bencher| {
        bencher.iter_batched(|| world.lexical.clone(), |puts| world.fill_lexical(&open, puts), BatchSize::PerIteration);
    });
    group.bench_function("words, tantivy alone", |bencher| {
        bencher.iter_batched(temporary, |folder| Direct::new(folder.path()).fill(&world), BatchSize::PerIteration);
    });
    group.bench_function("vectors", |bencher| {
        bencher.iter_batched(|| world.vectors.clone(), |puts| world.fill_vectors(&open, puts), BatchSize::PerIteration);
    });
    group.bench_function("vectors, usearch alone", |bencher| bencher.iter(|| direct_vectors(&world)));
    group.finish();
}

fn searching(criterion: &mut Criterion) {
    let world = World::new();
    let (folder, direct) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let open = world.fill(folder.path());
    let direct = Direct::new(direct.path());
    direct.fill(&world);
    let reader = direct.index.reader().expect("a reader");
    let vectors = direct_vectors(&world);
    let mut group = criterion.benchmark_group("search");
    let mut questions = world.questions.iter().cycle();
    let mut next = || questions.next().expect("a cycle has no end");
    group.bench_function("words", |bencher| {
        bencher.iter_batched(
            || LexicalQuery { text: next().text.clone(), limit: LIMIT, filter: None, prefer: Vec::new(), fuzzy: false },
            |query| done(open.lexical().search(&world.scope, &query)).len(),
            BatchSize::SmallInput,
        );
    });
    let mut analyser = TextAnalyzer::from(language_analyser(Language::Fr));
    group.bench_function("words, tantivy alone", |bencher| {
        bencher.iter_batched(|| next().text.as_str(), |question| direct.search(&reader, &mut analyser, question), BatchSize::SmallInput);
    });
    group.bench_function("vectors", |bencher| {
        bencher.iter_batched(
            || VectorQuery { vector: next().vector.clone(), limit: LIMIT, filter: None },
            |query| done(open.vectors().search(&world.scope, &query)).len(),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("vectors, usearch alone", |bencher| {
        bencher.iter(|| black_box(vectors.search(&next().vector, LIMIT).expect("hits")));
    });
    group.finish();
}

criterion_group!(benches, indexing, searching);
criterion_main!(benches);
