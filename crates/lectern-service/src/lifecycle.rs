//! What is in hand, and how the process ends: nothing new, then the end of what runs, then the rest is cut.

use lectern_domain::meter::Level;
use std::{future::Future, sync::Arc};
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
};
use tracing::Instrument as _;

/// How far the end has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Serving,
    Stopping,
    Cut,
}

/// What is in hand. Cheap to clone: the clones are one.
#[derive(Debug, Clone)]
pub struct Lifecycle {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    phase: watch::Sender<Phase>,
    in_hand: Level,
    streams: Level,
    less: Notify,
}

/// Something in hand, until this value is dropped.
#[derive(Debug)]
pub struct InHand {
    inner: Arc<Inner>,
    stream: bool,
}

impl Default for Lifecycle {
    fn default() -> Self {
        let inner =
            Inner { phase: watch::Sender::new(Phase::Serving), in_hand: Level::default(), streams: Level::default(), less: Notify::new() };
        Self { inner: Arc::new(inner) }
    }
}

impl Lifecycle {
    /// From now on nothing new is taken.
    pub fn stop(&self) {
        self.reach(Phase::Stopping);
    }

    /// From now on what still runs is cut; what came of it until then is kept.
    pub fn cut(&self) {
        self.reach(Phase::Cut);
    }

    fn reach(&self, phase: Phase) {
        self.inner.phase.send_if_modified(|now| {
            let further = *now < phase;
            *now = phase.max(*now);
            further
        });
    }

    /// Whether nothing new is to be taken.
    pub fn is_stopping(&self) -> bool {
        *self.inner.phase.borrow() >= Phase::Stopping
    }

    /// Returns when what runs is to be cut.
    pub async fn until_cut(&self) {
        let mut phase = self.inner.phase.subscribe();
        // The sender lives as long as `self`.
        let _ = phase.wait_for(|phase| *phase == Phase::Cut).await;
    }

    /// Takes a request in hand.
    pub fn request(&self) -> InHand {
        self.inner.in_hand.up();
        InHand { inner: Arc::clone(&self.inner), stream: false }
    }

    /// Runs a task that outlives its request: it logs as that request, and the process does not end before it.
    pub fn spawn<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        let in_hand = self.request();
        let task = async move {
            let _in_hand = in_hand;
            task.await
        };
        tokio::spawn(task.in_current_span())
    }

    /// How many requests and tasks are in hand.
    pub fn in_hand(&self) -> u64 {
        self.inner.in_hand.get()
    }

    /// How many of them are streams.
    pub fn streams(&self) -> u64 {
        self.inner.streams.get()
    }

    /// Returns when nothing is in hand any more.
    pub async fn idle(&self) {
        loop {
            // Made before the look: what ends after it is not missed.
            let less = self.inner.less.notified();
            if self.in_hand() == 0 {
                return;
            }
            less.await;
        }
    }
}

impl InHand {
    /// The request is answered with a stream.
    pub fn streams(&mut self) {
        if !std::mem::replace(&mut self.stream, true) {
            self.inner.streams.up();
        }
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        if self.stream {
            self.inner.streams.down();
        }
        self.inner.in_hand.down();
        if *self.inner.phase.borrow() >= Phase::Stopping {
            self.inner.less.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[tokio::test]
    async fn the_end_comes_when_nothing_is_in_hand() {
        let lifecycle = Lifecycle::default();
        let mut request = lifecycle.request();
        request.streams();
        request.streams();
        assert_eq!((lifecycle.in_hand(), lifecycle.streams(), lifecycle.is_stopping()), (1, 1, false));
        lifecycle.stop();
        let idle = lifecycle.idle();
        let mut idle = std::pin::pin!(idle);
        assert!(idle.as_mut().now_or_never().is_none());
        drop(request);
        idle.await;
        assert_eq!((lifecycle.in_hand(), lifecycle.streams(), lifecycle.is_stopping()), (0, 0, true));
    }

    #[tokio::test]
    async fn a_task_is_in_hand_until_it_ends_and_is_told_to_be_cut() {
        let lifecycle = Lifecycle::default();
        let told = lifecycle.clone();
        let task = lifecycle.spawn(async move { told.until_cut().await });
        lifecycle.stop();
        assert_eq!(lifecycle.in_hand(), 1);
        lifecycle.cut();
        // It cannot go back.
        lifecycle.stop();
        lifecycle.idle().await;
        task.await.expect("no panic");
        assert!(lifecycle.is_stopping());
    }
}
