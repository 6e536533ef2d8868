//! What is said when a command fails.

use crate::output::note;
use lectern_compose::{exit_code, one_line};
use lectern_service::ServiceError;
use std::{io, process::ExitCode};

/// Says why, on one line, and gives the exit code. A reader of the output that went away (`| head`) is no error.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    note(format_args!("lectern: {}{}", one_line(error), advice(error)));
    ExitCode::from(exit_code(error))
}

/// What to do on the command line, where the error itself does not say so.
fn advice(error: &anyhow::Error) -> &'static str {
    match error.downcast_ref::<ServiceError>() {
        Some(ServiceError::UnknownCollection(_)) => ": make it with `lectern corpus add PATH --collection NAME`",
        Some(ServiceError::UnknownModel(_)) => ": name one of [[llm.endpoints]] in the settings, or lectern-extractive",
        Some(ServiceError::UserNotFound) => ": `lectern user list` shows them all",
        _ => "",
    }
}
