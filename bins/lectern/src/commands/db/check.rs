//! `lectern db check`.

use crate::{context::Context, output::note};
use lectern_service::schema::{self, Difference, Report, Schema, State};
use serde_json::{Value, json};
use std::{fmt::Write as _, path::Path, process::ExitCode};

/// The exit codes where something is not as it should be, the worst one first.
const EDITED: u8 = 5;
const REFUSED: u8 = 4;
const DRIFT: u8 = 7;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// For who writes migrations: run those of the folder in scratch databases, and write into each one's catalogue.txt what it does
    #[arg(long)]
    pub(super) write: bool,
    /// With --write: a PostgreSQL server on which a scratch database can be made, where the settings name none
    #[arg(long, value_name = "URL", requires = "write")]
    pub(super) postgres: Option<String>,
}

/// What is not as it should be, by what it is called.
const FINDINGS: [(State, &str, &str); 5] = [
    (State::HalfApplied, "half_applied", "stopped half-way"),
    (State::Modified, "edited", "was edited after it was applied"),
    (State::Future, "newer", "is newer than this program"),
    (State::Missing, "missing", "is not known to this program"),
    (State::OutOfOrder, "out_of_order", "came after later migrations were applied"),
];

pub(super) fn run(context: &Context, schema: &Schema) -> anyhow::Result<ExitCode> {
    let report = schema::check(schema)?;
    let (version, name) = report.at().unzip();
    let mut json = json!({ "version": version, "name": name, "pending": report.names(State::Pending) });
    let mut text = String::new();
    for (state, key, words) in FINDINGS {
        json[key] = json!(report.names(state));
        for name in report.names(state) {
            let _ = writeln!(text, "{name} {words}");
        }
    }
    json["differences"] = json!(report.differences.as_ref().map(|all| all.iter().map(view).collect::<Vec<_>>()));
    json["not_compared"] = json!(report.not_compared);
    for difference in report.differences.iter().flatten() {
        let _ = writeln!(text, "{difference}");
    }
    if let Some(why) = &report.not_compared {
        let _ = writeln!(text, "the tables were not compared: {why}");
    }
    if text.is_empty() {
        let _ = writeln!(text, "the database is as its migrations make it, at {}", name.unwrap_or("base"));
    }
    if !report.names(State::Pending).is_empty() {
        let _ = writeln!(text, "pending: {}", report.names(State::Pending).join(", "));
    }
    context.out.result(&json, text)?;
    Ok(code(&report))
}

fn code(report: &Report) -> ExitCode {
    let any = |states: &[State]| states.iter().any(|&state| !report.names(state).is_empty());
    match &report.differences {
        _ if any(&[State::HalfApplied, State::Modified]) => ExitCode::from(EDITED),
        _ if any(&[State::Future, State::Missing, State::OutOfOrder]) => ExitCode::from(REFUSED),
        Some(differences) if differences.is_empty() => ExitCode::SUCCESS,
        Some(_) => ExitCode::from(DRIFT),
        None => ExitCode::FAILURE,
    }
}

fn view(difference: &Difference) -> Value {
    json!({
        "table": difference.table,
        "kind": difference.fact.as_ref().map_or("table", |fact| fact.kind.as_str()),
        "name": difference.fact.as_ref().map_or(&difference.table, |fact| &fact.name),
        "expected": difference.expected,
        "found": difference.found,
    })
}

/// Writes the `catalogue.txt` of every migration in a folder.
pub(super) fn write(context: &Context, folder: &Path, postgres: Option<&str>) -> anyhow::Result<ExitCode> {
    let places = schema::scratch_places(postgres.into_iter().chain([context.settings.database.url.expose()]))?;
    let recorded = schema::record(folder, &places)?;
    for backend in ["postgres", "sqlite"].into_iter().filter(|name| places.iter().all(|place| place.backend().as_str() != *name)) {
        note(format_args!("lectern: {backend} is left out: name a server with --postgres"));
    }
    let json: Vec<Value> =
        recorded.iter().map(|one| json!({ "backend": one.backend, "migration": one.migration, "written": one.is_new })).collect();
    let lines: String =
        recorded.iter().filter(|one| one.is_new).map(|one| format!("wrote {}/{}/catalogue.txt\n", one.backend, one.migration)).collect();
    context
        .out
        .result(&json!({ "catalogues": json }), if lines.is_empty() { "every catalogue.txt is right\n".to_owned() } else { lines })?;
    Ok(ExitCode::SUCCESS)
}
