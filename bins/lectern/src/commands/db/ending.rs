//! What is removed when somebody ends the process before it has done its work.

use crate::output::note;
use anyhow::Context as _;
use lectern_compose::one_line;
use lectern_service::schema::Removal;
use std::{
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// How long the removal may take, once it began.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for `SIGINT` and `SIGTERM`, and ends the process then as they would, without its scratch database.
pub(super) struct Ending {
    begun: Arc<AtomicBool>,
}

impl Ending {
    /// Begins to wait. From now on a signal does not end the process by itself.
    pub(super) fn new(removal: Removal) -> anyhow::Result<Self> {
        let mut told = Told::new().context("signals cannot be waited for")?;
        let begun = Arc::new(AtomicBool::new(false));
        let is_begun = begun.clone();
        tokio::spawn(async move {
            let signal = told.next().await;
            is_begun.store(true, Ordering::SeqCst);
            // Nothing else is waited for: the process ends here.
            match removal.remove() {
                Ok(()) => note("lectern: ended by a signal: what was copied to try the upgrade on is gone"),
                Err(error) => {
                    note(format_args!(
                        "lectern: ended by a signal: what was copied to try the upgrade on is left: {}",
                        one_line(&error.into())
                    ));
                }
            }
            process::exit(128 + signal);
        });
        Ok(Self { begun })
    }

    /// The work is done, or failed: where it failed since a signal came, the process ends by that.
    pub(super) fn wait(self) {
        if self.begun.load(Ordering::SeqCst) {
            thread::sleep(PATIENCE);
        }
    }
}

/// The signals.
#[cfg(unix)]
struct Told {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Told {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// The number of the next one.
    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.interrupt.recv() => tokio::signal::unix::SignalKind::interrupt().as_raw_value(),
            _ = self.terminate.recv() => tokio::signal::unix::SignalKind::terminate().as_raw_value(),
        }
    }
}

#[cfg(not(unix))]
struct Told;

#[cfg(not(unix))]
impl Told {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> i32 {
        // Where nobody can tell, the process ends as it always did.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        2
    }
}
