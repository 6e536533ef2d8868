//! Answering: find passages, write the prompt, have a model answer, keep what it said.

mod ask;
mod citations;
mod history;
mod kept;
mod length;
mod messages;
mod models;
mod prepare;
mod relay;
mod retrieve;
mod start;

pub use ask::{Answer, AskRequest, Source, ask};
pub use models::{AnswerModel, models};
pub use prepare::{Asked, Prepared, prepare};
pub use start::start;
