//! Being told to stop.

use std::io;

/// What a service manager (`SIGTERM`) or the keyboard (`SIGINT`) says.
#[cfg(unix)]
pub(crate) struct Told {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Told {
    /// Starts to listen: from now on a signal does not end the process by itself.
    ///
    /// # Errors
    /// Where the system does not let a process wait for signals.
    pub(crate) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Returns when the process is told once more.
    pub(crate) async fn told(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
pub(crate) struct Told;

#[cfg(not(unix))]
impl Told {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) async fn told(&mut self) {
        // Without a keyboard nobody can tell it.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
