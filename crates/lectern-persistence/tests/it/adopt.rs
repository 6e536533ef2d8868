//! What is known of the Albert API's database.

use lectern_persistence::{DbError, catalogue::Catalogue};
use lectern_testkit::albert;

#[test]
fn its_tables_are_those_that_are_expected() {
    let Some(database) = albert::empty() else { return };
    let found = database.database().read::<_, DbError>(Catalogue::read).unwrap();
    assert_eq!(Catalogue::default().changes_to(&found), include_str!("../../src/migrate/adopt/albert.txt"));
}
