//! The log: lines on standard error.

use lectern_settings::{LogFormat, LogSettings};
use std::io;
use tracing_subscriber::{EnvFilter, fmt::format::FmtSpan};

/// Starts the log. A level that is not understood was refused when the settings were read.
pub fn start_logging(settings: &LogSettings) {
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&settings.level))
        .with_span_events(FmtSpan::NONE)
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
        .with_writer(io::stderr);
    match settings.format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
}
