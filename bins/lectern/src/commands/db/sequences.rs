//! `lectern db sequences`.

use crate::{context::Context, output::note};
use lectern_service::schema::{Counter, Schema, reset_sequences};
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Sequences,
}

#[derive(Debug, clap::Subcommand)]
enum Sequences {
    /// Move every counter past the numbers that are there, and give the database a new id: for after a restore
    Reset,
}

impl Args {
    pub(super) fn run(self, context: &Context, schema: &Schema) -> anyhow::Result<()> {
        let Sequences::Reset = self.command;
        let reset = reset_sequences(schema)?;
        for column in &reset.passed_by {
            note(format_args!("{column} belongs to another role: its counter is left as it is"));
        }
        let json: Vec<Value> = reset.counters.iter().map(view).collect();
        let moved: String = reset.counters.iter().filter(|counter| counter.next != counter.was).map(line).collect();
        let installation = reset.installation.to_string();
        let lines = format!(
            "{moved}{} counters are right\nthe installation id is {installation} from now on: start the servers anew, which make their indexes\n",
            reset.counters.len()
        );
        Ok(context.out.result(&json!({ "counters": json, "passed_by": reset.passed_by, "installation_id": installation }), lines)?)
    }
}

fn view(Counter { table, column, was, next }: &Counter) -> Value {
    json!({ "table": table, "column": column, "was": was, "next": next })
}

fn line(Counter { table, column, was, next }: &Counter) -> String {
    format!("{table}.{column} goes on with {next} instead of {was}\n")
}
