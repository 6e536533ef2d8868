//! `lectern db show`.

use super::{history::view, revision_of};
use crate::context::Context;
use lectern_service::schema::{Revision, RevisionError, Schema};
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which migration: head, or a version or its first digits
    #[arg(value_parser = revision_of, allow_hyphen_values = true)]
    revision: Revision,
}

impl Args {
    pub(super) fn run(self, context: &Context, schema: &Schema) -> anyhow::Result<()> {
        let steps = schema.migrator().history()?;
        let versions: Vec<&str> = steps.iter().map(|step| step.version.as_str()).collect();
        let applied = steps.iter().filter(|step| step.state.is_applied()).count();
        let place = self.revision.resolve(&versions, applied)?;
        let step = place.checked_sub(1).map(|index| &steps[index]).ok_or(RevisionError::Malformed(self.revision.to_string()))?;
        let up = schema.migrator().up_script(&step.version);
        let mut json = view(step);
        json["up"] = json!(up);
        json["down"] = json!(step.down);
        let shown =
            |script: Option<&str>| script.map_or_else(|| "-- not known to this program".to_owned(), |text| text.trim_end().to_owned());
        let text = format!(
            "-- {} ({})\n-- up\n{}\n\n-- down\n{}\n",
            step.name,
            step.state.as_str(),
            shown(up.as_deref()),
            shown(step.down.as_deref())
        );
        Ok(context.out.result(&json, text)?)
    }
}
