//! Rows of another program's tables are taken over by the command, without a word to the embedding model.

use crate::support::{Place, documents, on_every_database};
use lectern_testkit::{
    TestDatabase,
    database::execute,
    upstream::{Upstream, embed},
};
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

/// The embedding model of [`Upstream`], and the length of its vectors.
const MODEL: &str = "scripted-embeddings";
const DIMENSIONS: usize = 8;

const TEXTS: [&str; 3] = ["Shepherds count sheep.", "Bakers bake bread.", "Sailors sail ships."];

/// A table as LangChain and others make them.
fn pages(seed: &TestDatabase) {
    let row = |(n, text): (usize, &&str)| format!("('p{n}', '{text}', '{{\"page\": {n}}}', '{}')", json!(embed(text, DIMENSIONS)));
    let rows: Vec<String> = TEXTS.iter().enumerate().map(row).collect();
    execute(
        seed.database(),
        &format!(
            "CREATE EXTENSION vector; \
             CREATE TABLE pages (id text PRIMARY KEY, content text, metadata jsonb, embedding vector({DIMENSIONS})); \
             INSERT INTO pages VALUES {}",
            rows.join(", ")
        ),
    );
}

/// A model's server that runs beside the program.
fn model() -> (Runtime, Upstream) {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let upstream = runtime.block_on(Upstream::start());
    (runtime, upstream)
}

impl Place {
    fn embedded_by(&self, upstream: &Upstream) -> Self {
        let mut place = self.sibling();
        place.variables.extend([
            ("LECTERN__EMBEDDINGS__PROVIDER", "openai".to_owned()),
            ("LECTERN__EMBEDDINGS__URL", upstream.url()),
            ("LECTERN__EMBEDDINGS__MODEL", MODEL.to_owned()),
            ("LECTERN__EMBEDDINGS__DIMENSIONS", DIMENSIONS.to_string()),
        ]);
        place
    }
}

#[test]
fn a_table_is_imported_with_its_vectors() {
    let Some(seed) = TestDatabase::postgres() else { return };
    pages(&seed);
    let url = seed.url().expose();
    on_every_database(|place| {
        let (_runtime, upstream) = model();
        let place = place.embedded_by(&upstream);
        let import = ["corpus", "import", "pgvector", &url, "--table", "pages", "--collection", "docs", "--language", "en", "--model"];
        let refused = place.error(1, &[&import[..], &["another"]].concat());
        assert!(refused.contains("the vectors are of another") && refused.contains(MODEL) && !refused.contains(&url), "{refused}");
        let imported = place.json(&[&import[..], &[MODEL]].concat());
        assert_eq!((&imported["added"], &imported["chunks"], &imported["collection"]), (&json!(3), &json!(3), &json!("docs")));
        let again = place.ok(&[&import[..], &[MODEL]].concat());
        assert!(again.contains("docs (en): 0 added, 0 replaced, 3 unchanged, 0 failed"), "{again}");
        assert!(upstream.requests().is_empty(), "nothing is embedded again");
        for (n, text) in TEXTS.iter().enumerate() {
            for method in ["lexical", "semantic"] {
                let found = place.json(&["search", text, "--collection", "docs", "--method", method]);
                assert_eq!(documents(&found)[0], format!("p{n}"), "{method}: {found}");
            }
        }
        assert_eq!(place.json(&["index", "verify"])["differences"], json!(0));
    });
}

#[test]
fn a_row_that_is_not_understood_is_told_by_its_id() {
    let Some(seed) = TestDatabase::postgres() else { return };
    pages(&seed);
    execute(seed.database(), "INSERT INTO pages VALUES ('bare', NULL, '{}', NULL)");
    let url = seed.url().expose();
    on_every_database(|place| {
        let (_runtime, upstream) = model();
        let place = place.embedded_by(&upstream);
        let import = ["corpus", "import", "pgvector", &url, "--table", "pages", "--collection", "docs"];
        let done = place.run(&import);
        assert!(done.code == Some(1) && done.err.contains("bare: ") && done.err.contains("1 of 4 rows are not understood"), "{done:?}");
        let done = place.run(&[&import[..], &["--pass-over", "--json"]].concat());
        let told: serde_json::Value = serde_json::from_str(&done.out).unwrap();
        assert_eq!((done.code, &told["added"], &told["failed"]), (Some(0), &json!(3), &json!(1)), "{done:?}");
        assert_eq!(told["failures"][0]["path"], "bare");
        let done = place.run(&["corpus", "import", "pgvector", &url, "--table", "absent", "--collection", "docs"]);
        assert!(done.code == Some(1) && done.err.contains("there is no table 'absent'") && !done.err.contains(&url), "{done:?}");
    });
}
