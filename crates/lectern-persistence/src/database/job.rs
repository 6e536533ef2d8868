//! A write with its answer, whatever its types.

use super::Tx;
#[cfg(feature = "sqlite")]
use super::WriteKind;
use crate::conn::Conn;
use crate::error::DbError;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A write that waits for the writer.
#[cfg(feature = "sqlite")]
pub(super) trait Job: Send {
    /// What it is for.
    fn kind(&self) -> WriteKind;

    /// Fails it without running the closure.
    fn refuse(&mut self, error: DbError);

    /// Runs the closure once. Whether what it wrote is to be kept.
    fn run(&mut self, conn: &mut Conn) -> bool;

    /// Tells the asker, once it is known whether the transaction was committed.
    fn answer(self: Box<Self>, committed: Result<(), DbError>);
}

#[cfg(feature = "sqlite")]
pub(super) struct Write<T, E, F, D> {
    pub(super) kind: WriteKind,
    pub(super) work: Option<F>,
    pub(super) outcome: Option<Result<T, E>>,
    pub(super) done: D,
}

#[cfg(feature = "sqlite")]
impl<T, E, F, D> Job for Write<T, E, F, D>
where
    T: Send,
    E: From<DbError> + Send,
    F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send,
    D: FnOnce(Result<T, E>) + Send,
{
    fn kind(&self) -> WriteKind {
        self.kind
    }

    fn refuse(&mut self, error: DbError) {
        self.work = None;
        self.outcome = Some(Err(error.into()));
    }

    fn run(&mut self, conn: &mut Conn) -> bool {
        let outcome = self.work.take().map(|work| run(conn, work));
        let keep = matches!(outcome, Some(Ok(_)));
        self.outcome = outcome;
        keep
    }

    fn answer(self: Box<Self>, committed: Result<(), DbError>) {
        let Self { outcome, done, .. } = *self;
        let answer = match (outcome, committed) {
            // Its own failure explains more than that of the group.
            (Some(Err(own)), _) => Err(own),
            (_, Err(group)) => Err(group.into()),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(DbError::Overloaded.into()),
        };
        // An answer that panics must not take the writer with it.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| done(answer))) {
            tracing::error!(message = text(panic.as_ref()), "what was to be told of a write panicked");
        }
    }
}

/// Runs a closure and writes its entries of the change log; a panic becomes an error. The caller commits or rolls back.
pub(super) fn run<T, E: From<DbError>>(conn: &mut Conn, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut tx = Tx::new(conn);
        let value = work(&mut tx)?;
        tx.finish()?;
        Ok(value)
    }));
    outcome.unwrap_or_else(|panic| Err(DbError::Panicked(text(panic.as_ref()).to_owned()).into()))
}

/// What a panic said.
fn text(panic: &(dyn Any + Send)) -> &str {
    panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
