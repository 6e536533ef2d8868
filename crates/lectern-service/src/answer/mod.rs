//! Answering: find passages, write the prompt, have a model answer, keep what it said.

mod ask;
mod citations;
mod history;
mod kept;
mod length;
mod prompt;
mod relay;
mod retrieve;
mod start;

pub use ask::{Answer, AskRequest, Source, ask};
pub use prompt::Prompts;
pub use start::start;
