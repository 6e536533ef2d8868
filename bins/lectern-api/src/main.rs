//! The HTTP server: settings in, requests answered until it is told to stop.

use actix_web::{App, HttpServer, web::Data};
use anyhow::Context as _;
use clap::Parser;
use lectern_compose::{CommonArgs, exit_code, first_admin, http_options, one_line, open_app, start_logging};
use lectern_http::configure;
use lectern_settings::{Flag, Settings};
use std::{
    io::{self, Write as _},
    net::TcpListener,
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
    serve(&settings).await
}

async fn serve(settings: &Settings) -> anyhow::Result<()> {
    let listen = settings.http.listen;
    // First of all: a second server on this address is told so before it touches anything.
    let listener = TcpListener::bind(listen)
        .with_context(|| format!("cannot listen on {listen}: choose another address with --listen or [http] listen"))?;
    let address = listener.local_addr()?;
    let app = open_app(settings, !address.ip().is_loopback()).await?;
    first_admin(&app, settings).await?;
    let following = app.followers.start();
    let catalog = app.models.keep_fresh();
    let (data, options) = (Data::from(app.clone()), Data::new(http_options(settings)));
    let server = HttpServer::new(move || App::new().configure(configure(data.clone(), options.clone())))
        .workers(settings.http.workers.into())
        .shutdown_timeout(settings.http.shutdown_grace_s)
        .listen(listener)?
        .run();
    let mut out = io::stdout();
    writeln!(out, "listening on http://{address}").and_then(|()| out.flush()).context("standard output is closed")?;
    server.await?;
    catalog.abort();
    following.stop().await;
    app.close().await;
    Ok(())
}
