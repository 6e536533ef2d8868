//! Whether this process can do its work now.

use crate::{ServiceError, app::App};
use lectern_persistence::{
    Conn,
    migrate::{self, Status},
    repo::freezes::{self, Freeze},
};
use std::{borrow::Cow, time::Duration};
use tokio::time::timeout;

/// The longest that the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// One thing that must be well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it is, in a few words without addresses or causes: anybody may ask.
    pub state: Cow<'static, str>,
    /// Whether that is well.
    pub well: bool,
}

impl Check {
    fn new(name: &'static str, well: bool, state: impl Into<Cow<'static, str>>) -> Self {
        Self { name, state: state.into(), well }
    }
}

/// Looks at everything that a request may need. Takes two seconds at most. The cause of what is not well goes to the log.
pub async fn readiness(app: &App) -> Vec<Check> {
    let mut checks = vec![match app.lifecycle.is_stopping() {
        false => Check::new("server", true, "serving"),
        true => Check::new("server", false, "stopping"),
    }];
    checks.extend(database(app).await);
    let tasks = app.followers.states().into_iter().chain([("jobs", app.jobs.state())]);
    checks.extend(tasks.map(|(name, state)| Check::new(name, state.lives(), state.as_str())));
    checks
}

async fn database(app: &App) -> Vec<Check> {
    let unknown = |state: &'static str| vec![Check::new("database", false, state), Check::new("schema", false, "unknown")];
    let reachable = Check::new("database", true, "reachable");
    match timeout(PATIENCE, app.bridge.read(look)).await {
        Err(_elapsed) => {
            tracing::warn!(seconds = PATIENCE.as_secs(), "not ready: the database does not answer");
            unknown("no answer in time")
        }
        Ok(Err(ServiceError::Busy(error))) => {
            tracing::warn!(%error, "not ready: the database has no time");
            unknown("busy")
        }
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready: the database fails");
            unknown("unreachable")
        }
        Ok(Ok((Status::UpToDate, freeze))) => {
            // Who only reads is served: that is well.
            let writes = freeze.map_or("open", |freeze| freeze.state.as_str());
            vec![reachable, Check::new("schema", true, "up to date"), Check::new("writes", true, writes)]
        }
        Ok(Ok((Status::Behind(pending), _))) => {
            vec![reachable, Check::new("schema", false, format!("{pending} migrations behind this program"))]
        }
        Ok(Ok((Status::Ahead(versions), _))) => {
            vec![reachable, Check::new("schema", false, format!("{} migrations ahead of this program", versions.len()))]
        }
    }
}

/// How the schema stands and, where it is this program's, whether anything may be written.
fn look(conn: &mut Conn) -> Result<(Status, Option<Freeze>), ServiceError> {
    match migrate::status_on(conn)? {
        Status::UpToDate => Ok((Status::UpToDate, freezes::find(conn)?)),
        other => Ok((other, None)),
    }
}
