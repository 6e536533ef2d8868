//! The log is kept for those who need it, and no longer.

use crate::{
    fake::Fake,
    support::{METHODS, World, collection, delete, first, found, in_every_world, put},
};
use diesel::{QueryDsl, RunQueryDsl, dsl::count_star};
use lectern_persistence::{
    Conn, DbError,
    schema::{changes, chunk_embeddings, dead_letters},
};

/// Entries of the log, vectors, dead letters.
fn counts(world: &World<'_>) -> (i64, i64, i64) {
    let count = |conn: &mut Conn| {
        Ok::<_, DbError>((
            changes::table.select(count_star()).get_result(conn)?,
            chunk_embeddings::table.select(count_star()).get_result(conn)?,
            dead_letters::table.select(count_star()).get_result(conn)?,
        ))
    };
    world.database.database().read(count).unwrap()
}

const OLD_LOG: &str = "UPDATE changes SET at = '2020-01-01T00:00:00.000000Z'";
const LONG_AWAY: &str = "UPDATE followers SET seen_at = '2020-01-01T00:00:00.000000Z'";

#[test]
fn what_every_follower_has_passed_goes_when_it_is_old() {
    in_every_world(async |world| {
        let model = Fake::new();
        let app = world.open(Some(&model)).await;
        let docs = collection(&app).await;
        put(&app, &docs, &[("a", "zebra"), ("b", "giraffe"), ("r", "REFUSED")]).await;
        app.followers.catch_up().await.unwrap();
        delete(&app, &docs, &["b", "r"]).await;
        put(&app, &docs, &[("a", "okapi")]).await;
        app.followers.catch_up().await.unwrap();
        let all = counts(world);
        assert_eq!((all.1, all.2), (3, 1));
        app.followers.maintain().await.unwrap();
        assert_eq!(counts(world), all, "nothing is old");
        world.sql(OLD_LOG);
        app.followers.maintain().await.unwrap();
        let (entries, vectors, letters) = counts(world);
        assert!(entries > 0 && entries < 4, "{all:?}, {entries}");
        assert_eq!((vectors, letters), (1, 0), "what belonged to texts that are gone");
        // What nobody has followed yet stays, however old it is.
        put(&app, &docs, &[("d", "gnu")]).await;
        world.sql(OLD_LOG);
        app.followers.maintain().await.unwrap();
        assert!(counts(world).0 >= 2);
        app.followers.catch_up().await.unwrap();
        first(found(&app, METHODS[1], "gnu").await, "d");
        // The cursors' own entries are there: nothing is rebuilt or embedded, and following goes on.
        let embedded = model.embedded().len();
        drop(app);
        let app = world.open(Some(&model)).await;
        put(&app, &docs, &[("c", "antelope")]).await;
        app.followers.catch_up().await.unwrap();
        for method in METHODS {
            first(found(&app, method, "antelope").await, "c");
            first(found(&app, method, "okapi").await, "a");
        }
        assert_eq!(model.embedded().len(), embedded + 1);
    });
}

#[test]
fn a_follower_that_was_forgotten_starts_from_the_tables() {
    in_every_world(async |world| {
        let model = Fake::new();
        let app = world.open(Some(&model)).await;
        let docs = collection(&app).await;
        put(&app, &docs, &[("a", "zebra"), ("b", "giraffe")]).await;
        app.followers.catch_up().await.unwrap();
        let away = world.open(Some(&model)).await;
        drop(app);
        // A folder of another machine goes on, and this one is away for longer than the retention.
        delete(&away, &docs, &["b"]).await;
        put(&away, &docs, &[("a", "okapi")]).await;
        world.sql(LONG_AWAY);
        world.sql("DELETE FROM changes WHERE seq < (SELECT max(seq) FROM changes)");
        away.followers.maintain().await.unwrap();
        away.followers.wait(&docs.generation).await.unwrap();
        let all = world.chunks();
        assert_eq!((all.len(), world.on_disk(&away, &docs).await), (1, (all.clone(), all)));
        for method in METHODS {
            first(found(&away, method, "okapi").await, "a");
        }
    });
}
