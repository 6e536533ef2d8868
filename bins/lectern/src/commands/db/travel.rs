//! How far rows have come: a bar with rate and estimate where standard error is a terminal, nothing elsewhere.

use indicatif::{ProgressBar, ProgressStyle};
use lectern_service::schema::Progress;

/// The bar.
pub(super) struct Travel(ProgressBar);

impl Travel {
    pub(super) fn new() -> Self {
        // Hidden where standard error is not a terminal.
        let bar = ProgressBar::no_length();
        // A template that does not parse would leave the plain bar.
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {human_pos}/{human_len} rows, {per_sec}, {eta} to go: {msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    pub(super) fn take(&self, progress: Progress<'_>) {
        self.0.set_length(progress.of);
        self.0.set_position(progress.rows);
        if self.0.message() != progress.table {
            self.0.set_message(progress.table.to_owned());
        }
    }

    pub(super) fn end(self) {
        self.0.finish_and_clear();
    }
}
