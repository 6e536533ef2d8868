//! A BERT of a few thousand numbers: its files, and the same computation by hand.

use serde_json::json;
use std::{collections::BTreeMap, fs, path::Path};

/// The components of its vectors.
pub const HIDDEN: usize = 8;
const HEADS: usize = 2;
const LAYERS: usize = 2;
const INNER: usize = 12;
const POSITIONS: usize = 16;
const EPS: f64 = 1e-12;
const WORDS: [&str; 12] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "cat", "sat", "on", "a", "mat", "query", ":"];

/// The weights by name: shape and values, the same for the same seed.
pub struct Tiny(BTreeMap<String, (Vec<usize>, Vec<f32>)>);

impl Tiny {
    /// The weights that follow from a seed.
    pub fn new(seed: u64) -> Self {
        let mut shapes: Vec<(String, Vec<usize>)> = vec![
            ("embeddings.word_embeddings.weight".into(), vec![WORDS.len(), HIDDEN]),
            ("embeddings.position_embeddings.weight".into(), vec![POSITIONS, HIDDEN]),
            ("embeddings.token_type_embeddings.weight".into(), vec![2, HIDDEN]),
        ];
        let norm = |name: &str| ["weight", "bias"].map(|part| (format!("{name}.LayerNorm.{part}"), vec![HIDDEN]));
        shapes.extend(norm("embeddings"));
        for layer in 0..LAYERS {
            let linears = [
                ("attention.self.query", HIDDEN, HIDDEN),
                ("attention.self.key", HIDDEN, HIDDEN),
                ("attention.self.value", HIDDEN, HIDDEN),
                ("attention.output.dense", HIDDEN, HIDDEN),
                ("intermediate.dense", INNER, HIDDEN),
                ("output.dense", HIDDEN, INNER),
            ];
            for (name, rows, columns) in linears {
                shapes.push((format!("encoder.layer.{layer}.{name}.weight"), vec![rows, columns]));
                shapes.push((format!("encoder.layer.{layer}.{name}.bias"), vec![rows]));
            }
            shapes.extend(norm(&format!("encoder.layer.{layer}.attention.output")));
            shapes.extend(norm(&format!("encoder.layer.{layer}.output")));
        }
        let mut state = seed;
        let mut random = || {
            // Knuth's MMIX generator; its high bits, as a number between -1 and 1.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        };
        let tensors = shapes.into_iter().map(|(name, shape)| {
            let values = (0..shape.iter().product()).map(|_| random()).collect();
            (name, (shape, values))
        });
        Self(tensors.collect())
    }

    /// Writes the three files of a model.
    pub fn write(&self, folder: &Path) {
        fs::create_dir_all(folder).expect("a folder");
        let config = json!({
            "model_type": "bert", "vocab_size": WORDS.len(), "hidden_size": HIDDEN, "num_hidden_layers": LAYERS,
            "num_attention_heads": HEADS, "intermediate_size": INNER, "hidden_act": "gelu", "hidden_dropout_prob": 0.1,
            "max_position_embeddings": POSITIONS, "type_vocab_size": 2, "initializer_range": 0.02, "layer_norm_eps": EPS,
            "pad_token_id": 0
        });
        fs::write(folder.join("config.json"), config.to_string()).expect("a file");
        fs::write(folder.join("tokenizer.json"), tokenizer().to_string()).expect("a file");
        fs::write(folder.join("model.safetensors"), self.safetensors()).expect("a file");
    }

    /// The safetensors format: the length of a JSON header, the header, the values.
    fn safetensors(&self) -> Vec<u8> {
        let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
        for (name, (shape, values)) in &self.0 {
            let start = data.len();
            data.extend(values.iter().flat_map(|x| x.to_le_bytes()));
            header.insert(name.clone(), json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, data.len()] }));
        }
        let header = serde_json::Value::Object(header).to_string();
        [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &data].concat()
    }

    fn get(&self, name: &str) -> &[f32] {
        &self.0[name].1
    }

    /// The vectors of the tokens of a text (devlin et al. 2018, the encoder), in plain loops and double precision.
    pub fn forward(&self, text: &str, max_tokens: usize) -> Vec<Vec<f64>> {
        let known = |word: &str| WORDS.iter().position(|known| *known == word).unwrap_or(1);
        let mut ids: Vec<usize> = text.split_whitespace().map(known).collect();
        ids.truncate(max_tokens - 2);
        ids.insert(0, 2);
        ids.push(3);
        let table = |name: &str, row: usize| {
            let start = row * HIDDEN;
            self.get(name)[start..start + HIDDEN].iter().map(|x| f64::from(*x)).collect::<Vec<f64>>()
        };
        let mut rows: Vec<Vec<f64>> = Vec::new();
        for (position, id) in ids.iter().enumerate() {
            let word = table("embeddings.word_embeddings.weight", *id);
            let place = table("embeddings.position_embeddings.weight", position);
            let kind = table("embeddings.token_type_embeddings.weight", 0);
            let sum: Vec<f64> = (0..HIDDEN).map(|i| word[i] + place[i] + kind[i]).collect();
            rows.push(self.norm("embeddings", &sum));
        }
        for layer in 0..LAYERS {
            rows = self.layer(&format!("encoder.layer.{layer}"), &rows);
        }
        rows
    }

    fn layer(&self, name: &str, rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let each = |part: &str| rows.iter().map(|row| self.linear(&format!("{name}.{part}"), row)).collect::<Vec<_>>();
        let (queries, keys, values) = (each("attention.self.query"), each("attention.self.key"), each("attention.self.value"));
        let size = HIDDEN / HEADS;
        let mut out = Vec::new();
        for (row, query) in rows.iter().zip(&queries) {
            let mut context = vec![0.0; HIDDEN];
            for head in 0..HEADS {
                let part = head * size..(head + 1) * size;
                let dot = |key: &Vec<f64>| part.clone().map(|i| query[i] * key[i]).sum::<f64>() / (size as f64).sqrt();
                let weights: Vec<f64> = keys.iter().map(|key| dot(key).exp()).collect();
                let total: f64 = weights.iter().sum();
                for (weight, value) in weights.iter().zip(&values) {
                    part.clone().for_each(|i| context[i] += weight / total * value[i]);
                }
            }
            let attended = self.linear(&format!("{name}.attention.output.dense"), &context);
            let attended = self.norm(&format!("{name}.attention.output"), &add(&attended, row));
            let inner: Vec<f64> = self.linear(&format!("{name}.intermediate.dense"), &attended).into_iter().map(gelu).collect();
            let outer = self.linear(&format!("{name}.output.dense"), &inner);
            out.push(self.norm(&format!("{name}.output"), &add(&outer, &attended)));
        }
        out
    }

    fn linear(&self, name: &str, x: &[f64]) -> Vec<f64> {
        let (weight, bias) = (self.get(&format!("{name}.weight")), self.get(&format!("{name}.bias")));
        let row = |i: usize| weight[i * x.len()..(i + 1) * x.len()].iter().zip(x).map(|(w, x)| f64::from(*w) * x).sum::<f64>();
        bias.iter().enumerate().map(|(i, b)| row(i) + f64::from(*b)).collect()
    }

    fn norm(&self, name: &str, x: &[f64]) -> Vec<f64> {
        let (weight, bias) = (self.get(&format!("{name}.LayerNorm.weight")), self.get(&format!("{name}.LayerNorm.bias")));
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / x.len() as f64;
        let scaled = x.iter().map(|x| (x - mean) / (variance + EPS).sqrt());
        scaled.zip(weight.iter().zip(bias)).map(|(x, (w, b))| x * f64::from(*w) + f64::from(*b)).collect()
    }
}

fn add(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

/// x Φ(x), with the error function as the series of Abramowitz and Stegun 7.1.6, which is exact enough for small arguments.
fn gelu(x: f64) -> f64 {
    let z = x / 2f64.sqrt();
    let (mut term, mut sum) = (z, z);
    for n in 1..200 {
        term *= 2.0 * z * z / f64::from(2 * n + 1);
        sum += term;
    }
    let erf = 2.0 / std::f64::consts::PI.sqrt() * (-z * z).exp() * sum;
    x * 0.5 * (1.0 + erf)
}

/// A tokenizer that splits at spaces and puts `[CLS]` before and `[SEP]` behind; it asks for padding and a truncation that the loader
/// must replace by its own.
fn tokenizer() -> serde_json::Value {
    let vocabulary: serde_json::Map<String, serde_json::Value> =
        WORDS.iter().enumerate().map(|(id, word)| ((*word).to_owned(), json!(id))).collect();
    let special = |word: &str, id: usize| json!({ "id": word, "ids": [id], "tokens": [word] });
    let single = json!([
        { "SpecialToken": { "id": "[CLS]", "type_id": 0 } },
        { "Sequence": { "id": "A", "type_id": 0 } },
        { "SpecialToken": { "id": "[SEP]", "type_id": 0 } }
    ]);
    json!({
        "version": "1.0",
        "truncation": { "direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0 },
        "padding": { "strategy": { "Fixed": 9 }, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0,
                     "pad_token": "[PAD]" },
        "added_tokens": [], "normalizer": null, "pre_tokenizer": { "type": "WhitespaceSplit" },
        "post_processor": { "type": "TemplateProcessing", "single": single, "pair": single,
            "special_tokens": { "[CLS]": special("[CLS]", 2), "[SEP]": special("[SEP]", 3) } },
        "decoder": null,
        "model": { "type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]" }
    })
}
