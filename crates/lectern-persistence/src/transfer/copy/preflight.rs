//! What of a database would not arrive in another one, looked for before anything is written.

use crate::{
    conn::{Backend, Conn, with_conn},
    error::constraints::UNIQUE,
    transfer::{
        archive::TableHead,
        error::TransferError,
        limits,
        line::{Bad, Lines, Sum, cut, key},
        merge::shown,
        orphans,
        progress::Counter,
        scan::scan,
        shape::{Found, Kind, list, quoted},
        snapshot::Snapshot,
        value::Value,
    },
};
use diesel::{
    QueryableByName, RunQueryDsl,
    sql_types::{BigInt, Text},
};
use std::collections::BTreeSet;

/// How many findings are told.
const TOLD: usize = 20;

/// What was found.
#[derive(Default)]
struct Findings {
    told: Vec<String>,
    count: u64,
}

impl Findings {
    fn add(&mut self, finding: String, count: u64) {
        self.count += count;
        if self.told.len() < TOLD {
            self.told.push(finding);
        }
    }
}

#[derive(QueryableByName)]
struct Twice {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// Looks at every row of the snapshot: whether `target` takes its values, what it refers to, and whether what should be unique is. The tables' digests,
/// where there is nothing to tell.
pub(super) fn preflight(
    snapshot: &mut Snapshot,
    tables: &[TableHead],
    target: Backend,
    counter: &mut Counter<'_>,
) -> Result<Vec<Sum>, TransferError> {
    let mut findings = Findings::default();
    let mut sums = Vec::with_capacity(tables.len());
    for head in tables {
        sums.push(values(&mut snapshot.conn, head, target, &mut findings, counter)?);
        let found = snapshot.inspection.find(&head.table.name).cloned();
        if let Some(found) = found {
            references(&mut snapshot.conn, &found, &mut findings)?;
            uniques(&mut snapshot.conn, &found, &mut findings)?;
        }
    }
    match findings.count {
        0 => Ok(sums),
        count => Err(TransferError::Preflight { count, told: findings.told }),
    }
}

fn values(
    conn: &mut Conn,
    head: &TableHead,
    target: Backend,
    findings: &mut Findings,
    counter: &mut Counter<'_>,
) -> Result<Sum, TransferError> {
    let table = &head.table;
    let mut lines = Lines::new(table);
    let mut line = Vec::new();
    scan(conn, table, &mut |row| {
        line.clear();
        if let Err(Bad { row, column, why }) = lines.add(row, &mut line) {
            findings.add(format!("{}, row {row}: {column}: {why}", table.name), 1);
        } else if target == Backend::Postgres {
            for (at, column) in table.columns.iter().enumerate() {
                if let Err(why) = row.with(at, &mut |value| taken_by_postgres(column.kind, &value)) {
                    findings.add(format!("{}, row {}: {}: {why}", table.name, key(table, row), column.name), 1);
                }
            }
        }
        counter.add(&table.name, 1);
        Ok(())
    })?;
    Ok(lines.finish())
}

fn taken_by_postgres(kind: Kind, value: &Value<'_>) -> Result<(), String> {
    match value {
        Value::Integer(number) if kind == Kind::Integer => limits::i32_of(*number).map(drop),
        Value::Text(text) => limits::no_nul(text),
        Value::Json(document) => limits::no_escaped_nul(document),
        _ => Ok(()),
    }
}

fn references(conn: &mut Conn, found: &Found, findings: &mut Findings) -> Result<(), TransferError> {
    for reference in &found.references {
        if let Some((row, rows)) = orphans::find(conn, found, reference)? {
            let name = &found.table.name;
            findings.add(format!("{name}, row {row}: {rows} rows refer to rows of {} that do not exist", reference.parent), rows);
        }
    }
    Ok(())
}

fn uniques(conn: &mut Conn, found: &Found, findings: &mut Findings) -> Result<(), TransferError> {
    // An index that the source lost is in the target.
    let promised = UNIQUE.iter().filter_map(|(columns, _)| {
        let columns = columns.split(", ").map(|column| column.split_once('.'));
        let columns: Option<Vec<&str>> =
            columns.map(|column| column.filter(|(table, _)| *table == found.table.name).map(|(_, column)| column)).collect();
        columns.filter(|columns| columns.iter().all(|column| found.table.position(column).is_some()))
    });
    let known = found.uniques.iter().chain([&found.table.key]);
    let known = known.map(|columns| columns.iter().map(String::as_str).collect::<Vec<_>>());
    let all: BTreeSet<Vec<&str>> = promised.chain(known).collect();
    for columns in &all {
        let names = list(columns.iter().copied());
        let is_there: Vec<String> = columns.iter().map(|column| format!("t.{} IS NOT NULL", quoted(column))).collect();
        let sql = format!(
            "SELECT min({}) AS name, count(*) AS rows FROM {} t WHERE {} GROUP BY {names} HAVING count(*) > 1 LIMIT 1",
            shown(&found.table, "t", conn.backend()),
            quoted(&found.table.name),
            is_there.join(" AND ")
        );
        let twice: Vec<Twice> = with_conn!(&mut *conn, c => diesel::sql_query(sql).load(c))?;
        if let Some(Twice { name, rows }) = twice.first() {
            let rows_count = u64::try_from(*rows).unwrap_or_default();
            let name = cut(name.clone());
            findings.add(format!("{}, row {name}: {rows} rows have the same {}", found.table.name, columns.join(", ")), rows_count);
        }
    }
    Ok(())
}
