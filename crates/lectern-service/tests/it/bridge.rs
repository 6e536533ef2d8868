//! The bridge to code that blocks.

use crate::support::in_every_world;
use lectern_domain::executor::NotRun;
use lectern_persistence::DbError;
use lectern_service::ServiceError;
use tracing::{Instrument as _, Span};

#[test]
fn a_job_that_panics_is_an_error_of_its_own_and_the_threads_go_on() {
    in_every_world(async |world| {
        let app = world.open(None).await;
        // More than there are threads of either kind.
        for _ in 0..8 {
            assert_eq!(app.bridge.compute(|| -> () { panic!("on purpose") }).await, Err(NotRun::Panicked));
            let read = app.bridge.read::<(), DbError>(|_| panic!("on purpose")).await;
            assert!(matches!(read, Err(DbError::Panicked(_))), "{read:?}");
            let written = app.bridge.write::<(), DbError>(|_| panic!("on purpose")).await;
            assert!(matches!(written, Err(DbError::Panicked(_))), "{written:?}");
        }
        assert!(matches!(ServiceError::from(NotRun::Panicked), ServiceError::Internal { .. }));
        assert_eq!(app.bridge.compute(|| 1).await, Ok(1));
    });
}

#[test]
fn a_job_logs_in_the_name_of_who_asked_for_it() {
    // Whoever sets it first in this process: any that keeps spans does.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
    in_every_world(async |world| {
        let app = world.open(None).await;
        let span = tracing::error_span!("request");
        let id = span.id();
        assert!(id.is_some());
        async {
            let seen = [
                app.bridge.compute(|| Span::current().id()).await.expect("it runs"),
                app.bridge.read::<_, DbError>(|_| Ok(Span::current().id())).await.expect("it reads"),
                app.bridge.write::<_, DbError>(|_| Ok(Span::current().id())).await.expect("it writes"),
                app.lifecycle.spawn(async { Span::current().id() }).await.expect("it ends"),
            ];
            assert_eq!(seen, std::array::from_fn(|_| id.clone()));
        }
        .instrument(span)
        .await;
        assert_eq!(app.bridge.compute(|| Span::current().id()).await, Ok(None));
    });
}
