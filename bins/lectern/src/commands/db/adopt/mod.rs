//! `lectern db adopt`.

mod undo;
mod view;

use crate::{context::Context, output::note};
use lectern_service::schema::{AdoptOptions, Adoption, Extent, Schema};
use serde_json::json;
use std::process::ExitCode;

/// The exit code where something is refused.
const REFUSED: u8 = 4;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only look: list what stands in the way, and what would become of the rows; nobody is locked out
    #[arg(long, conflicts_with_all = ["dry_run", "undo"])]
    check: bool,
    /// Do everything, tell how long it takes, and undo it; nobody else can use the tables meanwhile
    #[arg(long, conflicts_with = "undo")]
    dry_run: bool,
    /// The time zone in which the Albert API's times were written, such as Europe/Paris; the server's own unless given
    #[arg(long, value_name = "ZONE", conflicts_with = "undo")]
    time_zone: Option<String>,
    /// Give the database back to the Albert API: the old tables come back, and what was written since is lost
    #[arg(long)]
    undo: bool,
    /// With --undo: do it, after the plan is printed
    #[arg(long, requires = "undo")]
    yes: bool,
}

impl Args {
    pub(super) fn run(self, context: &Context, schema: &Schema) -> anyhow::Result<ExitCode> {
        if self.undo {
            return undo::run(context, schema, self.yes);
        }
        let extent = match (self.check, self.dry_run) {
            (true, _) => Extent::Look,
            (_, true) => Extent::Rehearse,
            _ => Extent::Whole,
        };
        match schema.migrator().adopt(&AdoptOptions { extent, time_zone: self.time_zone })? {
            Adoption::Already => {
                context.out.result(&json!({ "already": true }), "the database is Lectern's already: there is nothing to adopt\n")?;
            }
            Adoption::Refused(findings) => {
                context.out.result(&json!({ "refused": view::findings(&findings) }), view::refused(&findings))?;
                note("lectern: nothing was changed: see to what is listed, then try again");
                return Ok(ExitCode::from(REFUSED));
            }
            Adoption::Adopted(adopted) => {
                let name = if extent == Extent::Whole { "adopted" } else { "would_adopt" };
                context.out.result(&json!({ name: view::adopted(&adopted) }), view::report(&adopted, extent))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
