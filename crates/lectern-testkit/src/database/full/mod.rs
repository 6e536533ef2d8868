//! A database with rows in every table, and all rows of a database: found in the catalogue, so that a new table is never forgotten.

mod cells;
mod read;
mod tables;

pub use cells::Pool;
pub use read::rows;

use super::TestDatabase;
use cells::{Cell, cell};
use diesel::{
    RunQueryDsl, sql_query,
    sql_types::{BigInt, Binary, Bool, Double, Integer, Nullable, Text},
};
use lectern_persistence::{
    Conn, DbError,
    repo::sequences,
    types::sql::{JsonType, TimestampType, UuidType},
};
use tables::{Column, tables};

/// Writes rows into every table but those of one row, parents first. Rows of one number refer to each other.
///
/// # Panics
/// Where the database does not take a row: a new table or column with a constraint of its own has to be named in `cells`.
pub fn fill(test: &TestDatabase, pool: &Pool) {
    let (tables, pool) = (tables(test.database()), pool.clone());
    let written = test.database().write::<(), DbError>(move |tx| {
        for (table, columns) in &tables {
            for number in 1..=pool.rows {
                insert(tx.conn(), table, columns, number, &pool);
            }
        }
        // As if the database had given the numbers.
        sequences::reset(tx.conn())?;
        Ok(())
    });
    written.unwrap_or_else(|error| panic!("on {}: {error}", test.name()));
}

/// Adds a row to every table, of which the database says the number itself where it gives one: it must be this one.
///
/// # Panics
/// Where the database does not take a row.
pub fn add(test: &TestDatabase, number: usize) {
    let tables = tables(test.database());
    let written = test.database().write::<(), DbError>(move |tx| {
        for (table, mut columns) in tables {
            columns.retain(|column| !column.counts);
            insert(tx.conn(), &table, &columns, number, &Pool::default());
        }
        Ok(())
    });
    written.unwrap_or_else(|error| panic!("on {}: {error}", test.name()));
}

fn insert(conn: &mut Conn, table: &str, columns: &[Column], number: usize, pool: &Pool) {
    let names: Vec<String> = columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let places: Vec<String> = (1..=columns.len()).map(|at| format!("${at}")).collect();
    let sql = format!("INSERT INTO \"{table}\" ({}) VALUES ({})", names.join(", "), places.join(", "));
    let cells = columns.iter().map(|column| cell(table, column, number, pool));
    macro_rules! run {
        ($conn:expr, $backend:ty) => {{
            let mut query = sql_query(sql).into_boxed::<$backend>();
            for cell in cells {
                query = match cell {
                    Cell::Bool(value) => query.bind::<Nullable<Bool>, _>(value),
                    Cell::Integer(value) => query.bind::<Nullable<Integer>, _>(value),
                    Cell::BigInt(value) => query.bind::<Nullable<BigInt>, _>(value),
                    Cell::Double(value) => query.bind::<Nullable<Double>, _>(value),
                    Cell::Text(value) => query.bind::<Nullable<Text>, _>(value),
                    Cell::Json(value) => query.bind::<Nullable<JsonType>, _>(value),
                    Cell::Time(value) => query.bind::<Nullable<TimestampType>, _>(value),
                    Cell::Uuid(value) => query.bind::<Nullable<UuidType>, _>(value),
                    Cell::Bytes(value) => query.bind::<Nullable<Binary>, _>(value),
                };
            }
            query.execute($conn)
        }};
    }
    let inserted = match conn {
        Conn::Pg(pg) => run!(pg, diesel::pg::Pg),
        Conn::Sqlite(sqlite) => run!(sqlite, diesel::sqlite::Sqlite),
    };
    inserted.unwrap_or_else(|error| panic!("{table}: {error}"));
}
