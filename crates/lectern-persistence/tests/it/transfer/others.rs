//! Tables of other roles beside Lectern's.

use super::{archive, assert_same, restore, role::OfRole, rows};
use lectern_persistence::{DbError, repo::sequences};
use lectern_testkit::database::{
    execute,
    full::{self, Pool},
};

#[test]
fn counters_of_another_roles_tables_are_left_alone() {
    let Some(source) = OfRole::new() else { return };
    full::fill(source.test(), &Pool::default());
    let others = "CREATE TABLE of_others (id serial PRIMARY KEY); CREATE TABLE of_others_too (id integer GENERATED ALWAYS AS IDENTITY)";
    execute(source.test().database(), others);
    let database = source.open();
    execute(&database, "CREATE TABLE of_seeds (id serial PRIMARY KEY); INSERT INTO of_seeds VALUES (7)");
    let (bytes, _) = archive(&database);

    let Some(target) = OfRole::new() else { return };
    execute(target.test().database(), others);
    restore(&target.open(), &bytes).expect("a restore");
    let lecterns = |of: &OfRole| {
        let mut rows = rows(of.test().database());
        rows.retain(|table, _| !table.starts_with("of_"));
        rows
    };
    assert_same(&lecterns(&target), &lecterns(&source));

    let (counters, passed_by) = database
        .write::<_, DbError>(|tx| Ok((sequences::reset(tx.conn())?, sequences::passed_by(tx.conn())?)))
        .expect("those of others are left");
    assert_eq!(passed_by, ["of_others.id", "of_others_too.id"]);
    let seeds = counters.iter().find(|one| one.table == "of_seeds").expect("the role's own");
    assert_eq!((seeds.was, seeds.next), (1, 8));
    assert!(counters.iter().any(|one| one.table == "users") && !counters.iter().any(|one| one.table.starts_with("of_others")));
    // Who may do everything resets everything, as before.
    let all = source.test().database().write::<_, DbError>(|tx| sequences::reset(tx.conn())).expect("a superuser may");
    assert!(all.iter().any(|one| one.table == "of_others"));
}
