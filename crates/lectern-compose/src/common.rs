//! The flags that every program takes.

use lectern_settings::{Flag, Settings, SettingsError, Sources};
use std::path::PathBuf;

/// Flags of every program.
#[derive(Debug, Clone, clap::Args)]
pub struct CommonArgs {
    /// The settings file [default: lectern.toml in the working directory, where there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The folder below which everything is written [default: ./data]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
}

impl CommonArgs {
    /// The settings of this process: defaults, file, environment, and these flags and others.
    ///
    /// # Errors
    /// Where a setting is wrong; the message names it.
    pub fn settings(&self, mut flags: Vec<Flag>) -> Result<Settings, SettingsError> {
        if let Some(folder) = &self.data_dir {
            flags.push(Flag::new("--data-dir", "data_dir", folder.display().to_string()));
        }
        Settings::load(&Sources::of_process(self.config.as_deref(), flags)?)
    }
}
