//! `lectern db merge`.

use crate::output::note;
use std::process::ExitCode;

/// The exit code of a command that was not meant like that.
const USAGE: u8 = 2;

pub(super) fn run() -> ExitCode {
    note(
        "lectern: there is nothing to merge: the history of migrations is one line, in the order of their versions. Where two people wrote \
         migrations at once, the one that lands later gets a later version",
    );
    ExitCode::from(USAGE)
}
