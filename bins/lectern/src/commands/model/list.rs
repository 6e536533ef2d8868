//! `lectern model list`.

use super::view;
use crate::context::Context;
use lectern_service::llm::installed;
use serde_json::Value;
use std::path::Path;

/// Lists the models in the data folder.
pub(super) fn run(context: &Context, folder: &Path) -> anyhow::Result<()> {
    let models = installed(folder)?;
    let json: Vec<Value> = models.iter().map(view).collect();
    let lines: String = models
        .iter()
        .map(|model| {
            let spec = model.spec();
            format!("{}\t{} dimensions\t{}\n", spec.name, spec.dimensions, model.folder.display())
        })
        .collect();
    Ok(context.out.result(&json, lines)?)
}
