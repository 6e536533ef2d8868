//! The HTTP server: settings in, requests answered until it is told to stop.

mod serve;
mod stop;

use clap::Parser;
use lectern_compose::{CommonArgs, exit_code, one_line, start_logging};
use lectern_settings::Flag;
use std::{
    io::{self, Write as _},
    process::ExitCode,
};

/// The HTTP server of Lectern.
#[derive(Debug, Parser)]
#[command(name = "lectern-api", version, about = "Answers questions from your documents over HTTP")]
struct Args {
    #[command(flatten)]
    common: CommonArgs,
    /// The address to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Bring the database's schema up to date at start [default: on SQLite]
    #[arg(long)]
    auto_upgrade: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = actix_web::rt::System::new();
    match runtime.block_on(run(args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody reads a closed standard error.
            let _ = writeln!(io::stderr(), "lectern-api: {}", one_line(&error));
            ExitCode::from(exit_code(&error))
        }
    }
}

async fn run(args: Args) -> anyhow::Result<()> {
    let mut flags = Vec::new();
    if let Some(listen) = args.listen {
        flags.push(Flag::new("--listen", "http.listen", listen));
    }
    if args.auto_upgrade {
        flags.push(Flag::new("--auto-upgrade", "database.auto_upgrade", "true"));
    }
    let settings = args.common.settings(flags)?;
    start_logging(&settings.log);
    serve::serve(&settings).await
}
