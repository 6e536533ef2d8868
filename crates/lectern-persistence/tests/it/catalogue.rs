//! What a database says about its own schema, one line a fact.

use crate::support::lines;
use lectern_persistence::{Backend, Conn};

const POSTGRES: &[&str] = &[
    "SELECT concat_ws(' ', 'column', c.table_name, c.column_name, c.data_type, c.is_nullable, c.column_default, c.is_identity) AS line
       FROM information_schema.columns c WHERE c.table_schema = 'public' ORDER BY 1",
    "SELECT concat_ws(' ', 'index', tablename, indexdef) AS line FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    "SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS line
       FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1",
    "SELECT concat_ws(' ', 'storage', attrelid::regclass, attname, attstorage) AS line FROM pg_attribute
       WHERE attnum > 0 AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r') ORDER BY 1",
];

const SQLITE: &[&str] = &[
    "SELECT concat_ws(' ', 'column', t.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk) AS line
       FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY 1",
    "SELECT concat_ws(' ', 'index', t.name, i.name, i.\"unique\", i.origin, group_concat(c.name)) AS line
       FROM sqlite_schema t, pragma_index_list(t.name) i, pragma_index_info(i.name) c WHERE t.type = 'table' GROUP BY t.name, i.name ORDER BY 1",
    "SELECT concat_ws(' ', 'key', t.name, f.\"from\", f.\"table\", f.\"to\", f.on_delete, f.on_update) AS line
       FROM sqlite_schema t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table' ORDER BY 1",
    "SELECT concat_ws(' ', 'sql', name, sql) AS line FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY 1",
];

/// Every fact but those of the tables that record what was applied.
pub(crate) fn read(conn: &mut Conn) -> Vec<String> {
    let queries = match conn.backend() {
        Backend::Postgres => POSTGRES,
        Backend::Sqlite => SQLITE,
    };
    let all = queries.iter().flat_map(|sql| lines(conn, sql));
    all.filter(|line| !line.contains("__diesel_schema_migrations") && !line.contains("__lectern_schema_migrations")).collect()
}

/// The columns as `table.column type null|not`, with the types' names as the Diesel schema has them.
pub(crate) fn columns(conn: &mut Conn) -> Vec<String> {
    let (sql, types): (&str, &[(&str, &str)]) = match conn.backend() {
        Backend::Postgres => (
            "SELECT concat(table_name, '.', column_name, '|', data_type, '|', is_nullable) AS line
               FROM information_schema.columns WHERE table_schema = 'public'",
            &[
                ("integer", "Integer"),
                ("bigint", "BigInt"),
                ("text", "Text"),
                ("boolean", "Bool"),
                ("timestamp with time zone", "TimestampType"),
                ("jsonb", "JsonType"),
                ("uuid", "UuidType"),
                ("bytea", "Binary"),
                ("double precision", "Double"),
            ],
        ),
        Backend::Sqlite => (
            "SELECT concat(t.name, '.', c.name, '|', c.type, '|', CASE c.\"notnull\" WHEN 1 THEN 'NO' ELSE 'YES' END) AS line
               FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
            // Several Diesel types are the same type of SQLite.
            &[
                ("INTEGER", "Integer"),
                ("BIGINT", "BigInt"),
                ("TEXT", "Text"),
                ("BOOLEAN", "Bool"),
                ("BLOB", "Binary"),
                ("DOUBLE", "Double"),
            ],
        ),
    };
    let mut all: Vec<String> = lines(conn, sql)
        .into_iter()
        .filter(|line| !line.starts_with("__"))
        .map(|line| {
            let [column, sql, null] = line.split('|').collect::<Vec<_>>().try_into().expect("three parts");
            let diesel = types.iter().find(|(name, _)| *name == sql).unwrap_or_else(|| panic!("{column} has the unknown type {sql}")).1;
            format!("{column} {diesel} {}", if null == "YES" { "null" } else { "not" })
        })
        .collect();
    all.sort();
    all
}
