//! Serving: from the first listener to the last stop.

use crate::stop::Told;
use actix_web::{App, HttpServer, dev::ServerHandle, rt};
use anyhow::Context as _;
use lectern_compose::{first_admin, http_options, open_app};
use lectern_http::Api;
use lectern_service::{jobs, lifecycle::Lifecycle};
use lectern_settings::{Environment, Origin, Settings};
use std::{
    io::{self, Write as _},
    net::{SocketAddr, TcpListener},
    time::Duration,
};
use tokio::time::{sleep, timeout};

/// How long what was cut gets to keep what came of it.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// How long jobs that run get at a stop before they are handed back.
const JOBS_GRACE: Duration = Duration::from_secs(2);

/// How long connections get to be closed once nothing is in hand, in seconds.
const CLOSING_S: u64 = 1;

/// Serves until the process is told to stop.
///
/// # Errors
/// Where an address cannot be listened on, the application cannot be opened, or the server fails.
pub(crate) async fn serve(settings: &Settings) -> anyhow::Result<()> {
    let listen = settings.http.listen;
    // First of all: a second server on this address is told so before it touches anything.
    let listener = TcpListener::bind(listen)
        .with_context(|| format!("cannot listen on {listen}: choose another address with --listen or [http] listen"))?;
    let metrics = metrics_listener(settings)?;
    let address = listener.local_addr()?;
    let mut told = Told::new().context("signals cannot be waited for")?;
    let app = open_app(settings, !address.ip().is_loopback()).await?;
    if settings.env == Environment::Unittest {
        app.forget_mails().await?;
    }
    first_admin(&app, settings).await?;
    app.followers.check_stores().await?;
    let following = app.followers.start();
    let catalog = app.models.keep_fresh();
    let jobs = jobs::start(&app);
    let api = Api::new(app.clone(), http_options(settings));
    let metrics = metrics.map(|listener| serve_metrics(&api, listener)).transpose()?;
    let server = HttpServer::new(move || App::new().configure(api.routes()))
        .workers(settings.http.workers.into())
        // An event goes out when it comes, and a client that leaves is noticed though its answer pauses.
        .tcp_nodelay(true)
        .h1_allow_half_closed(false)
        .disable_signals()
        .shutdown_timeout(CLOSING_S)
        .listen(listener)?
        .run();
    let handle = server.handle();
    let mut server = rt::spawn(server);
    let mut out = io::stdout();
    writeln!(out, "listening on http://{address}").and_then(|()| out.flush()).context("standard output is closed")?;
    tokio::select! {
        ended = &mut server => ended??,
        () = told.told() => {
            end(&app.lifecycle, Duration::from_secs(settings.http.shutdown_grace_s), &mut told).await;
            handle.stop(true).await;
            server.await??;
        }
    }
    catalog.abort();
    jobs.stop(JOBS_GRACE).await;
    following.stop().await;
    if let Some(metrics) = metrics {
        metrics.stop(false).await;
    }
    app.close().await;
    Ok(())
}

/// Lets what is in hand end, then cuts it; a second signal cuts at once.
async fn end(lifecycle: &Lifecycle, grace: Duration, told: &mut Told) {
    lifecycle.stop();
    tracing::info!(in_hand = lifecycle.in_hand(), streams = lifecycle.streams(), grace_s = grace.as_secs(), "stopping");
    tokio::select! {
        () = lifecycle.idle() => return,
        () = sleep(grace) => {}
        () = told.told() => {}
    }
    tracing::info!(in_hand = lifecycle.in_hand(), streams = lifecycle.streams(), "cutting what still runs");
    lifecycle.cut();
    if timeout(LAST_WORDS, lifecycle.idle()).await.is_err() {
        tracing::warn!(in_hand = lifecycle.in_hand(), "something did not end when it was cut");
    }
}

/// The listener of the metrics. Where nobody chose its address, another program that has it is no reason not to start.
fn metrics_listener(settings: &Settings) -> anyhow::Result<Option<TcpListener>> {
    let Some(address) = settings.metrics.address() else { return Ok(None) };
    match TcpListener::bind(address) {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if settings.origin("metrics.listen") == Origin::Default => {
            tracing::warn!(%address, %error, "no metrics: choose another address with [metrics] listen");
            Ok(None)
        }
        Err(error) => {
            let what = format!("cannot listen on {address} for metrics: choose another address with [metrics] listen, or off");
            Err(anyhow::Error::new(error).context(what))
        }
    }
}

/// Answers `GET /metrics` to the end.
fn serve_metrics(api: &Api, listener: TcpListener) -> anyhow::Result<ServerHandle> {
    let address: SocketAddr = listener.local_addr()?;
    let api = api.clone();
    let server = HttpServer::new(move || App::new().configure(api.metrics())).workers(1).disable_signals().listen(listener)?.run();
    let handle = server.handle();
    rt::spawn(server);
    tracing::info!("metrics are on http://{address}/metrics");
    Ok(handle)
}
