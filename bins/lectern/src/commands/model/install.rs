//! `lectern model install`.

use super::view;
use crate::context::Context;
use lectern_service::llm::{install, install_as};
use std::path::Path;

/// Installs a model into the data folder.
pub(super) fn run(context: &Context, source: &Path, name: Option<&str>, folder: &Path) -> anyhow::Result<()> {
    let model = match name {
        Some(name) => install_as(source, folder, name)?,
        None => install(source, folder)?,
    };
    let (name, dimensions) = (model.name(), model.spec().dimensions);
    let text = format!("{name}: installed, {dimensions} dimensions; collections are embedded from the next start on\n");
    Ok(context.out.result(&view(&model), text)?)
}
