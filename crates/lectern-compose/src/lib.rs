//! From settings to a running Lectern: what the two programs share. It reads settings, sets up the log, and turns each section of the
//! settings into what the crate that it is for takes.

mod common;
mod convert;
mod exit;
mod logging;
mod open;
mod stores;

pub use common::CommonArgs;
pub use convert::{http_options, load_limits};
pub use exit::{Usage, exit_code, one_line};
pub use logging::start_logging;
pub use open::{first_admin, init, open, open_app, schema, schema_at, source_at};
