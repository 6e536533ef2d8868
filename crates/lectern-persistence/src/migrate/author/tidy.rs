//! What Diesel's command line writes, in the order in which it can run and in the spelling of our migrations.

use super::Compared;

const DROP_TABLE: &str = "DROP TABLE IF EXISTS ";

/// The statements of both directions: drops before what is made, a table after those that it refers to and gone before them, constraints with
/// their names.
pub(super) fn tidied(up: &str, down: &str, on_sqlite: bool) -> Compared {
    let (up, down) = (ordered(statements(up, on_sqlite)), ordered(statements(down, on_sqlite)));
    Compared { up: written(&up, &down, on_sqlite), down: written(&down, &up, on_sqlite) }
}

fn statements(sql: &str, on_sqlite: bool) -> Vec<String> {
    let sql: String = sql.lines().filter(|line| !line.starts_with("--")).map(|line| format!("{line}\n")).collect();
    let sql = if on_sqlite { sql.replace('`', "\"") } else { sql };
    let statements = sql.split(';').map(|statement| statement.trim().replace('\t', "    "));
    // Diesel's program passes by the tables that record migrations where they are in the database, but not where they are declared.
    statements
        .filter(|statement| !statement.is_empty() && !statement.contains("TABLE \"__") && !statement.contains("EXISTS \"__"))
        .collect()
}

fn ordered(mut left: Vec<String>) -> Vec<String> {
    left.sort_by_key(|statement| (rank(statement), statement.clone()));
    let mut ordered: Vec<String> = Vec::new();
    while !left.is_empty() {
        // One that refers to nothing that is still to come; the first one where all do.
        let waits = |statement: &String| {
            left.iter().any(|other| other != statement && created(other).is_some_and(|table| refers(statement, table)))
        };
        let next = left.iter().position(|statement| !waits(statement)).unwrap_or(0);
        ordered.push(left.remove(next));
    }
    ordered
}

/// Tables go in the opposite order of that in which the other direction makes them.
fn written(statements: &[String], other: &[String], on_sqlite: bool) -> String {
    let made = |statement: &String| {
        let table = statement.strip_prefix(DROP_TABLE)?;
        other.iter().rev().position(|other| created(other) == Some(table))
    };
    let mut statements = statements.to_vec();
    statements.sort_by_key(|statement| (rank(statement), made(statement)));
    statements.iter().map(|statement| format!("{};\n", named(statement, on_sqlite))).collect()
}

/// The statements that take something away.
pub(super) fn destructive(sql: &str) -> Vec<String> {
    sql.lines().filter(|line| line.starts_with("DROP TABLE ") || line.contains(" DROP COLUMN ")).map(str::to_owned).collect()
}

fn rank(statement: &str) -> u8 {
    match statement {
        _ if statement.starts_with("ALTER TABLE") && statement.contains(" DROP COLUMN ") => 0,
        _ if statement.starts_with("DROP TABLE") => 1,
        _ if statement.starts_with("CREATE TABLE") => 2,
        _ => 3,
    }
}

/// The table that a statement makes, with its quotes.
fn created(statement: &str) -> Option<&str> {
    statement.strip_prefix("CREATE TABLE ").and_then(|rest| rest.split('(').next()).map(str::trim)
}

fn refers(statement: &str, table: &str) -> bool {
    statement.contains(&format!("REFERENCES {table}("))
}

/// Constraints get the names that migrations of ours give them.
fn named(statement: &str, on_sqlite: bool) -> String {
    let statement = statement.replace(DROP_TABLE, "DROP TABLE ");
    // The types as our migrations write them.
    let statement = if on_sqlite { statement.replace("\" BINARY", "\" BLOB").replace("\" BOOL", "\" BOOLEAN") } else { statement };
    let Some(table) = created(&statement).map(bare).map(str::to_owned) else { return statement };
    let mut lines = Vec::new();
    for line in statement.replacen("\"(", "\" (", 1).lines() {
        let trimmed = line.trim_start();
        lines.push(if trimmed.starts_with("PRIMARY KEY(") {
            line.replacen("PRIMARY KEY(", &format!("CONSTRAINT {table}_pkey PRIMARY KEY ("), 1)
        } else if let Some(column) = trimmed.strip_prefix("FOREIGN KEY (").and_then(|rest| rest.split(')').next()) {
            let name = format!("CONSTRAINT {table}_{}_fkey FOREIGN KEY", bare(column));
            line.replacen("FOREIGN KEY", &name, 1).replace("\"(\"", "\" (\"")
        } else {
            line.replacen(" PRIMARY KEY", &format!(" CONSTRAINT {table}_pkey PRIMARY KEY"), 1)
        });
    }
    lines.join("\n")
}

fn bare(name: &str) -> &str {
    name.trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    const UP: &str = "\
-- Your SQL goes here

ALTER TABLE `users` ADD COLUMN `colour` BOOL;
ALTER TABLE `users` DROP COLUMN `height`;

CREATE TABLE `__records`(
\t`version` TEXT NOT NULL PRIMARY KEY
);
CREATE TABLE `books`(
\t`shelf_id` INTEGER NOT NULL,
\t`n` BIGINT NOT NULL,
\tPRIMARY KEY(`shelf_id`, `n`),
\tFOREIGN KEY (`shelf_id`) REFERENCES `shelves`(`id`)
);


CREATE TABLE `shelves`(
\t`id` INTEGER NOT NULL PRIMARY KEY,
\t`cover` BINARY NOT NULL
);
";

    #[test]
    fn statements_are_ordered_and_named() {
        let expect = "\
ALTER TABLE \"users\" DROP COLUMN \"height\";
CREATE TABLE \"shelves\" (
    \"id\" INTEGER NOT NULL CONSTRAINT shelves_pkey PRIMARY KEY,
    \"cover\" BLOB NOT NULL
);
CREATE TABLE \"books\" (
    \"shelf_id\" INTEGER NOT NULL,
    \"n\" BIGINT NOT NULL,
    CONSTRAINT books_pkey PRIMARY KEY (\"shelf_id\", \"n\"),
    CONSTRAINT books_shelf_id_fkey FOREIGN KEY (\"shelf_id\") REFERENCES \"shelves\" (\"id\")
);
ALTER TABLE \"users\" ADD COLUMN \"colour\" BOOLEAN;
";
        let compared = tidied(
            UP,
            "DROP TABLE IF EXISTS `shelves`;\nDROP TABLE IF EXISTS `books`;\nALTER TABLE `users` ADD COLUMN `height` BOOL;",
            true,
        );
        assert_eq!(compared.up, expect);
        assert_eq!(compared.down, "DROP TABLE \"books\";\nDROP TABLE \"shelves\";\nALTER TABLE \"users\" ADD COLUMN \"height\" BOOLEAN;\n");
        assert_eq!(destructive(expect), ["ALTER TABLE \"users\" DROP COLUMN \"height\";"]);
        assert_eq!(tidied("-- nothing\n\n\n", "", false), Compared::default());
    }
}
