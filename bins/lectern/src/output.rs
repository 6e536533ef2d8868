//! Standard output: the result, for people or as JSON. What goes on meanwhile is told on standard error.

use serde::Serialize;
use std::{
    fmt,
    io::{self, Write as _},
};

/// Where results go.
pub(crate) struct Output {
    pub(crate) json: bool,
}

impl Output {
    /// Writes a result: one line of JSON, or what `people` says.
    pub(crate) fn result(&self, json: &impl Serialize, people: impl fmt::Display) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            serde_json::to_writer(&mut out, json)?;
            writeln!(out)?;
        } else {
            write!(out, "{people}")?;
        }
        out.flush()
    }
}

/// Writes a line to standard error; nobody reads a closed one.
pub(crate) fn note(line: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
