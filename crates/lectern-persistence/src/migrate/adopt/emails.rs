//! Addresses are matched in lower case: which are equal but for their case, and the keys by which Lectern finds them.
//!
//! What makes two addresses one is said by [`email_key`] alone. For addresses in ASCII the server says the same; the others are few, and are sent
//! to it with their keys.

use super::{
    look::{EXAMPLES_MAX, Finding},
    query::{texts, texts_with},
};
use crate::{
    conn::{Conn, with_conn},
    error::DbError,
};
use diesel::{RunQueryDsl, sql_types::Text};
use lectern_domain::email::email_key;
use serde_json::json;

/// The key of an address in ASCII, whatever the collation of the database is.
pub(super) const ASCII_KEY: &str = r#"lower(email COLLATE "C")"#;

/// The accounts whose address is not in ASCII, with their keys, as a JSON list of objects.
fn others(conn: &mut Conn) -> Result<String, DbError> {
    let rows =
        texts(conn, "SELECT json_build_array(id, email)::text AS answer FROM users WHERE octet_length(email) <> char_length(email)")?;
    let mut keys = Vec::with_capacity(rows.len());
    for row in rows {
        let (id, email): (i32, String) = serde_json::from_str(&row).map_err(DbError::corrupt("users.email"))?;
        keys.push(json!({ "id": id, "key": email_key(&email) }));
    }
    Ok(json!(keys).to_string())
}

/// Accounts that would be one.
pub(super) fn equal(conn: &mut Conn) -> Result<Option<Finding>, DbError> {
    let keyed = format!(
        "WITH keyed AS (
             SELECT u.id, u.email, coalesce(o.key, {ASCII_KEY}) AS key FROM users u LEFT JOIN json_to_recordset($1::json) AS o(id integer, key text) USING (id)
         ), equal AS (
             SELECT min(id) AS first, count(*) AS accounts, string_agg(concat('id ', id, ' ', email), ', ' ORDER BY id) AS shown
               FROM keyed GROUP BY key HAVING count(*) > 1
         )"
    );
    let others = others(conn)?;
    let total = texts_with(conn, &format!("{keyed} SELECT coalesce(sum(accounts), 0)::text AS answer FROM equal"), &others)?;
    let rows = total.concat().parse().map_err(DbError::corrupt("an answer of the server"))?;
    if rows == 0 {
        return Ok(None);
    }
    let examples = texts_with(conn, &format!("{keyed} SELECT shown AS answer FROM equal ORDER BY first LIMIT {EXAMPLES_MAX}"), &others)?;
    Ok(Some(Finding {
        what: "users.email is equal to another one but for its case: they would be one account".to_owned(),
        rows: Some(rows),
        examples,
        remedy: "give all but one of each another address with UPDATE, or delete them".to_owned(),
        query: None,
    }))
}

/// Sets the keys of the addresses that are not in ASCII.
pub(super) fn set_keys(conn: &mut Conn) -> Result<(), DbError> {
    let others = others(conn)?;
    let query = "UPDATE users SET email_key = o.key FROM json_to_recordset($1::json) AS o(id integer, key text) WHERE users.id = o.id";
    with_conn!(conn, c => diesel::sql_query(query).bind::<Text, _>(others).execute(c))?;
    Ok(())
}
