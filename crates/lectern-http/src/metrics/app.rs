//! The numbers of the application: queues, pool, writer, followers, endpoints of models.

use super::families::Families;
use lectern_domain::search::Side;
use lectern_service::{app::App, follow::Lag};
use std::fmt;

/// What only the database knows.
pub(super) struct Told {
    /// How far followers are behind.
    pub(super) lags: Vec<Lag>,
    /// How many jobs there are of each state.
    pub(super) jobs: Vec<(String, u64)>,
}

/// Writes the families of the application. `told` is none where the database said nothing.
pub(super) fn write(families: &mut Families<'_>, app: &App, told: Option<&Told>) -> fmt::Result {
    let number = |count: usize| count as f64;
    families.gauge("build_info", "Always 1")?.level(&[("version", env!("CARGO_PKG_VERSION"))], 1.0)?;
    families.gauge("in_hand", "Requests, and tasks that outlive theirs, under way")?.level(&[], app.lifecycle.in_hand() as f64)?;
    families.gauge("streams_open", "Answers that are being streamed")?.level(&[], app.lifecycle.streams() as f64)?;
    queues(families, app)?;
    upstreams(families, app)?;
    indexes(families, app)?;
    database(families, app)?;

    families.gauge("database_up", "Whether the database answered just now")?.level(&[], f64::from(u8::from(told.is_some())))?;
    let lags = told.map_or(&[][..], |told| &told.lags);
    let mut behind = families.gauge("follower_behind_entries", "Entries of the change log that a follower has not reached")?;
    for lag in lags {
        behind.level(&[("follower", lag.follower)], lag.entries as f64)?;
    }
    let mut behind = families.gauge("follower_behind_seconds", "The age of the oldest entry that a follower has not reached")?;
    for lag in lags {
        behind.level(&[("follower", lag.follower)], lag.age.as_secs_f64())?;
    }
    let mut jobs = families.gauge("jobs", "Jobs in the background, by their state")?;
    for (state, count) in told.map_or(&[][..], |told| &told.jobs) {
        jobs.level(&[("state", state)], *count as f64)?;
    }
    let mut up = families.gauge("task_up", "Whether a task in the background lives and its last round went well")?;
    for (name, state) in app.followers.states().into_iter().chain([("jobs", app.jobs.state())]) {
        up.level(&[("task", name)], number(usize::from(state.is_well())))?;
    }
    Ok(())
}

fn queues(families: &mut Families<'_>, app: &App) -> fmt::Result {
    let sets = app.bridge.threads();
    let mut length = families.gauge("queue_length", "Jobs that wait for a thread")?;
    for (name, threads) in sets {
        length.level(&[("queue", name)], threads.queue().0 as f64)?;
    }
    let mut capacity = families.gauge("queue_capacity", "Jobs that may wait for a thread")?;
    for (name, threads) in sets {
        capacity.level(&[("queue", name)], threads.queue().1 as f64)?;
    }
    let mut count = families.gauge("queue_threads", "Threads that take jobs")?;
    for (name, threads) in sets {
        count.level(&[("queue", name)], threads.count() as f64)?;
    }
    let mut busy = families.gauge("queue_threads_busy", "Threads that have a job")?;
    for (name, threads) in sets {
        busy.level(&[("queue", name)], threads.meters().busy.get() as f64)?;
    }
    let mut refused = families.counter("queue_refused", "Jobs that were not taken since too many waited: each is an answer 503")?;
    for (name, threads) in sets {
        refused.value(&[("queue", name)], threads.meters().refused.get())?;
    }
    let mut waits = families.histogram("queue_wait", "How long jobs waited for a thread")?;
    for (name, threads) in sets {
        waits.timings(&[("queue", name)], &threads.meters().waits)?;
    }
    Ok(())
}

fn upstreams(families: &mut Families<'_>, app: &App) -> fmt::Result {
    let upstreams = app.upstreams.all();
    let mut requests = families.counter("upstream_requests", "Attempts at endpoints of models, by how they went")?;
    for upstream in &upstreams {
        for (outcome, count) in upstream.outcomes() {
            requests.value(&[("endpoint", &upstream.endpoint), ("outcome", outcome)], count)?;
        }
    }
    let mut times =
        families.histogram("upstream_request_duration", "From an attempt's start to the first part of its answer, or to its failure")?;
    for upstream in &upstreams {
        times.timings(&[("endpoint", &upstream.endpoint)], &upstream.times)?;
    }
    Ok(())
}

fn indexes(families: &mut Families<'_>, app: &App) -> fmt::Result {
    let sides = Side::ALL.map(|side| (side.as_str(), app.guards.of(side)));
    let mut up = families.gauge("index_up", "Whether an index answered when it was searched last")?;
    for (name, guard) in sides {
        up.level(&[("index", name)], f64::from(u8::from(guard.is_well())))?;
    }
    let mut failed = families.counter("index_failed", "Searches of an index that failed, or were not begun since several had failed")?;
    for (name, guard) in sides {
        failed.value(&[("index", name)], guard.failed.get())?;
    }
    let mut left_out = families.counter("search_degraded", "Searches that were answered without an index, which was down")?;
    for (name, guard) in sides {
        left_out.value(&[("index", name)], guard.left_out.get())?;
    }
    let mut times = families.histogram("index_search_duration", "How long searches of an index took that went well")?;
    for (name, guard) in sides {
        times.timings(&[("index", name)], &guard.times)?;
    }
    Ok(())
}

fn database(families: &mut Families<'_>, app: &App) -> fmt::Result {
    let database = app.bridge.database();
    let pool = database.pool_state();
    families.gauge("pool_connections_max", "Connections that may be open")?.level(&[], f64::from(pool.most))?;
    let mut connections = families.gauge("pool_connections", "Connections that are open")?;
    connections.level(&[("state", "idle")], f64::from(pool.idle))?;
    connections.level(&[("state", "used")], f64::from(pool.open.saturating_sub(pool.idle)))?;
    let meters = database.pool_meters();
    families.counter("pool_none", "How often no connection was to be had in time")?.value(&[], meters.none.get())?;
    families.histogram("pool_wait", "How long a connection was waited for")?.timings(&[], &meters.waits)?;
    let Some(writer) = database.writer_meters() else { return Ok(()) };
    families.gauge("write_queue_length", "Writes that wait for SQLite's one writer")?.level(&[], writer.waiting.get() as f64)?;
    let capacity = database.options().write_queue as f64;
    families.gauge("write_queue_capacity", "Writes that may wait for SQLite's one writer")?.level(&[], capacity)?;
    let mut refused = families.counter("write_queue_refused", "Writes that were not taken since too many waited: each is an answer 503")?;
    refused.value(&[], writer.refused.get())?;
    families.counter("writes", "Writes that SQLite's writer answered")?.value(&[], writer.writes.get())?;
    families.counter("write_groups", "Transactions of SQLite's writer, which writes share")?.value(&[], writer.groups.get())
}
