//! The command line of Lectern.

mod args;
mod commands;
mod context;
mod errors;
mod output;

use args::Args;
use clap::Parser as _;
use context::Context;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = Args::parse();
    match run(args) {
        Ok(code) => code,
        Err(error) => errors::report(&error),
    }
}

fn run(args: Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let context = Context::new(&args)?;
    runtime.block_on(async {
        let outcome = args.command.run(&context).await;
        context.close().await;
        outcome
    })
}
