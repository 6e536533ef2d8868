//! Answering: find passages, write the prompt, have a model answer, keep what it said.

mod ask;
mod citations;
mod history;
mod kept;
mod length;
mod masking;
mod messages;
mod models;
mod output;
mod postprocessing;
mod prepare;
mod relay;
mod retrieve;
mod runs;
mod start;
mod stop;

pub use ask::{Answer, AskRequest, Source, ask};
pub use models::{AnswerModel, models};
pub use postprocessing::Postprocessing;
pub use prepare::{Asked, Prepared, prepare};
pub use runs::{RunOptions, Runs};
pub use start::{Started, start};
pub use stop::stop;
