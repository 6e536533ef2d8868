//! A loaded model: texts to tokens, tokens to vectors.

use super::{
    InstalledModel, Layout, ModelError, Pooling,
    layout::config,
    source::{CONFIG, TOKENIZER, WEIGHTS},
};
use crate::{EmbeddingKind, vector};
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::BertModel;
use lectern_domain::digest::Digest;
use std::fs;
use tokenizers::{Tokenizer, TruncationParams};

/// How much of a text the tokenizer is shown: far more than any model's tokens hold, and little work.
const MAX_TEXT_BYTES: usize = 256 * 1024;

/// The tokens of a text.
pub(super) type Tokens = Vec<u32>;

/// A model in memory, with its own threads.
pub(super) struct Bert {
    model: BertModel,
    tokenizer: Tokenizer,
    layout: Layout,
    pad: u32,
    dimensions: usize,
    threads: rayon::ThreadPool,
}

impl Bert {
    /// Reads a model's files into memory and checks the weights against the manifest.
    pub(super) fn load(installed: &InstalledModel, threads: usize) -> Result<Self, ModelError> {
        let read = |name: &str| {
            let path = installed.folder.join(name);
            fs::read(&path).map_err(ModelError::io(path))
        };
        let config = config(&read(CONFIG)?)?;
        let layout = installed.layout().clone();
        let mut tokenizer = Tokenizer::from_bytes(read(TOKENIZER)?).map_err(ModelError::Tokenizer)?;
        // Padding is added here, to the longest of a group, and masked.
        tokenizer.with_padding(None);
        let truncation = TruncationParams { max_length: layout.max_tokens, ..TruncationParams::default() };
        tokenizer.with_truncation(Some(truncation)).map_err(ModelError::Tokenizer)?;
        let largest = tokenizer.get_vocab(true).into_values().max().unwrap_or(0) as usize;
        if largest >= config.vocab_size {
            let why = format!("knows token {largest}, the model only {} tokens", config.vocab_size);
            return Err(ModelError::malformed(TOKENIZER, why));
        }
        let weights = read(WEIGHTS)?;
        if Digest::of(&weights).to_hex() != installed.manifest.weights_sha256 {
            let why = "changed since it was installed; remove the model's folder and install it again";
            return Err(ModelError::malformed(installed.folder.join(WEIGHTS).to_string_lossy(), why));
        }
        let variables = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu)?;
        let model = BertModel::load(variables, &config)?;
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.max(1))
            .thread_name(|i| format!("embed-{i}"))
            .build()
            .map_err(|error| ModelError::io(&installed.folder)(std::io::Error::other(error)))?;
        // An out-of-range padding token would be looked up like any other.
        let pad = u32::try_from(config.pad_token_id).ok().filter(|pad| (*pad as usize) < config.vocab_size).unwrap_or(0);
        Ok(Self { model, tokenizer, layout, pad, dimensions: config.hidden_size, threads })
    }

    /// Runs one text; the number of components of its vector.
    pub(super) fn try_out(&self) -> Result<u32, ModelError> {
        let tokens = self.tokenize(&["lectern".to_owned()], EmbeddingKind::Passage)?;
        let vectors = self.run(&[&tokens[0]])?;
        u32::try_from(vectors[0].len()).map_err(|error| ModelError::malformed(CONFIG, error))
    }

    /// The tokens of each text, markers included, at most as many as the model takes, at least one.
    pub(super) fn tokenize(&self, texts: &[String], kind: EmbeddingKind) -> Result<Vec<Tokens>, ModelError> {
        let prefix = match kind {
            EmbeddingKind::Query => &self.layout.query_prefix,
            EmbeddingKind::Passage => &self.layout.passage_prefix,
        };
        let prepared = texts.iter().map(|text| {
            let text = format!("{prefix}{}", &text[..text.floor_char_boundary(MAX_TEXT_BYTES)]);
            if self.layout.lower_case { text.to_lowercase() } else { text }
        });
        let prepared: Vec<String> = prepared.collect();
        let encoded = self.threads.install(|| self.tokenizer.encode_batch_fast(prepared, true)).map_err(ModelError::Tokenizer)?;
        let tokens = encoded.iter().map(|encoding| match encoding.get_ids() {
            [] => vec![self.pad],
            ids => ids.to_vec(),
        });
        Ok(tokens.collect())
    }

    /// One vector of length 1 for each text of a group.
    pub(super) fn run(&self, group: &[&Tokens]) -> Result<Vec<Vec<f32>>, ModelError> {
        let longest = group.iter().map(|tokens| tokens.len()).max().unwrap_or(0);
        let padded = |fill: fn(&u32) -> u32, pad: u32| {
            let rows = group.iter().flat_map(|tokens| tokens.iter().map(fill).chain(std::iter::repeat_n(pad, longest - tokens.len())));
            Tensor::from_vec(rows.collect(), (group.len(), longest), &Device::Cpu)
        };
        let ids = padded(|id| *id, self.pad)?;
        let mask = padded(|_| 1, 0)?;
        let hidden = self.threads.install(|| self.model.forward(&ids, &ids.zeros_like()?, Some(&mask)))?;
        let hidden = hidden.flatten_all()?.to_vec1::<f32>()?;
        let texts = hidden.chunks_exact(longest * self.dimensions).zip(group);
        texts.map(|(rows, tokens)| self.pool(&rows[..tokens.len() * self.dimensions])).collect()
    }

    /// The vector of a text from those of its tokens, padding left out.
    fn pool(&self, tokens: &[f32]) -> Result<Vec<f32>, ModelError> {
        let mut rows = tokens.chunks_exact(self.dimensions);
        let mut vector = rows.next().unwrap_or_default().to_vec();
        for row in rows {
            match self.layout.pooling {
                Pooling::Cls => break,
                // Its length becomes 1 below, so the sum points where the mean does.
                Pooling::Mean => vector.iter_mut().zip(row).for_each(|(sum, x)| *sum += x),
                Pooling::Max => vector.iter_mut().zip(row).for_each(|(max, x)| *max = max.max(*x)),
            }
        }
        if vector::normalise(&mut vector) {
            Ok(vector)
        } else {
            Err(ModelError::malformed(WEIGHTS, "gives a vector that is zero or not finite"))
        }
    }
}
