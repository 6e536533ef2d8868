//! Values read back as they were written.

use chrono::{DateTime, SubsecRound, TimeZone, Utc};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use lectern_persistence::schema::jobs;
use lectern_persistence::types::{JsonValue, Timestamp, UuidValue};
use lectern_persistence::{Conn, Database, DbError};
use lectern_testkit::{TestDatabase, on_every_database};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

type Row = (JsonValue, Option<JsonValue>, Timestamp, Option<UuidValue>);

/// Writes a row and reads it back.
fn round_trip(database: &Database, row: Row) -> Result<Row, DbError> {
    let id: i32 = database.write::<_, DbError>(move |tx| {
        let (payload, progress, at, holder) = row;
        let values = (
            jobs::kind.eq("test"),
            jobs::state.eq("queued"),
            jobs::payload.eq(payload),
            jobs::progress.eq(progress),
            jobs::run_at.eq(at),
            jobs::created_at.eq(at),
            jobs::updated_at.eq(at),
            jobs::holder.eq(holder),
        );
        Ok(diesel::insert_into(jobs::table).values(values).returning(jobs::id).get_result(tx.conn())?)
    })?;
    let columns = (jobs::payload, jobs::progress, jobs::run_at, jobs::holder);
    database.read(|conn: &mut Conn| Ok(jobs::table.find(id).select(columns).get_result(conn)?))
}

#[track_caller]
fn check(test: &TestDatabase, payload: Value, progress: Option<Value>, at: DateTime<Utc>, holder: Option<Uuid>) {
    let row: Row = (JsonValue(payload), progress.map(JsonValue), at.into(), holder.map(UuidValue));
    assert_eq!(round_trip(test.database(), row.clone()).expect("a round trip"), row, "{}", test.name());
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

#[test]
fn particular_values() {
    on_every_database(|test| {
        check(test, Value::Null, None, at("2026-11-20T14:15:00.088977Z"), None);
        check(test, json!({}), Some(Value::Null), at("0001-01-01T00:00:00Z"), Some(Uuid::nil()));
        check(
            test,
            json!(["é", "\u{1F600}", "a\"b\\c\n", 0, -1, 1.5, true, []]),
            Some(json!("")),
            at("9999-12-31T23:59:59.999999Z"),
            Some(Uuid::max()),
        );
        check(test, json!(i64::MAX), Some(json!({"": {"": [null]}})), at("1969-12-31T23:59:59.000001Z"), None);
    });
}

#[test]
fn times_are_cut_to_microseconds_and_years_bounded() {
    on_every_database(|test| {
        let fine = Timestamp(at("2026-11-20T14:15:00.088977999Z"));
        let row = (JsonValue(Value::Null), None, fine, None);
        let (.., back, _) = round_trip(test.database(), row).expect("written");
        assert_eq!(back.0, at("2026-11-20T14:15:00.088977Z"), "{}", test.name());
        for year in [-1, 0, 10_000] {
            let far = Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).single().expect("a time");
            let refused = round_trip(test.database(), (JsonValue(Value::Null), None, Timestamp(far), None)).expect_err("refused");
            assert!(refused.to_string().contains("years go from 1 to 9999"), "{}: {refused}", test.name());
        }
    });
}

#[test]
fn texts_and_times_have_the_same_order() {
    on_every_database(|test| {
        let times = ["2026-01-01T00:00:00Z", "0999-01-01T00:00:00Z", "2025-12-31T23:59:59.999999Z", "2026-01-01T00:00:00.000001Z"].map(at);
        for time in times {
            check(test, Value::Null, None, time, None);
        }
        let ordered: Vec<Timestamp> =
            test.database().read::<_, DbError>(|conn| Ok(jobs::table.select(jobs::run_at).order(jobs::run_at).load(conn)?)).expect("read");
        let mut expected = times;
        expected.sort();
        assert_eq!(ordered.iter().map(|time| time.0).collect::<Vec<_>>(), expected, "{}", test.name());
        let bound = Timestamp(at("2026-01-01T00:00:00Z"));
        let later: i64 = test
            .database()
            .read::<_, DbError>(|conn| Ok(jobs::table.filter(jobs::run_at.gt(bound)).count().get_result(conn)?))
            .expect("read");
        assert_eq!(later, 1, "{}", test.name());
    });
}

fn any_json() -> impl Strategy<Value = Value> {
    // PostgreSQL's texts hold no NUL.
    let text = "[^\u{0}]{0,12}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        let list = prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from);
        let object = prop::collection::btree_map(text, inner, 0..6).prop_map(|map| map.into_iter().collect::<Value>());
        prop_oneof![list, object]
    })
}

#[test]
fn any_value() {
    let tests = TestDatabase::all();
    let values = (any_json(), prop::option::of(any_json()), -62_135_596_800_000_000i64..253_402_300_800_000_000, any::<Option<u128>>());
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() });
    let outcome = runner.run(&values, |(payload, progress, micros, holder)| {
        let time = DateTime::from_timestamp_micros(micros).expect("in range").trunc_subsecs(6);
        for test in &tests {
            check(test, payload.clone(), progress.clone(), time, holder.map(Uuid::from_u128));
        }
        Ok(())
    });
    outcome.expect("every value comes back");
}
