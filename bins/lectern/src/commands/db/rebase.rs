//! `lectern db rebase`.

use super::revision_of;
use crate::context::Context;
use lectern_service::schema::{self, Retimed, Revision, Schema};
use serde_json::json;
use std::path::Path;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which migration: its version or the first digits
    #[arg(value_parser = revision_of)]
    version: Revision,
}

impl Args {
    pub(super) fn run(&self, context: &Context, schema: &Schema, folder: &Path) -> anyhow::Result<()> {
        let Retimed { from, to } = schema::retime(schema, folder, &self.version)?;
        let line = if from == to { format!("{from} comes after all others already\n") } else { format!("{from} is {to} now\n") };
        Ok(context.out.result(&json!({ "from": from, "to": to }), line)?)
    }
}
