//! Asking for values of any shape: the server writes each as one text, in a column named `answer`.

use crate::{
    conn::{Conn, with_conn},
    error::DbError,
};
use diesel::{QueryableByName, RunQueryDsl, sql_types::Text};

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Text)]
    answer: String,
}

/// The answers, in the query's order.
pub(super) fn texts(conn: &mut Conn, sql: &str) -> Result<Vec<String>, DbError> {
    let rows: Vec<Answer> = with_conn!(conn, c => diesel::sql_query(sql).load(c))?;
    Ok(rows.into_iter().map(|row| row.answer).collect())
}

/// The same of a query with a parameter.
pub(super) fn texts_with(conn: &mut Conn, sql: &str, parameter: &str) -> Result<Vec<String>, DbError> {
    let rows: Vec<Answer> = with_conn!(conn, c => diesel::sql_query(sql).bind::<Text, _>(parameter).load(c))?;
    Ok(rows.into_iter().map(|row| row.answer).collect())
}

/// Numbers, in the order of the expressions. What comes after `FROM` is read once.
pub(super) fn numbers(conn: &mut Conn, expressions: &[String], from: &str) -> Result<Vec<i64>, DbError> {
    let answer = texts(conn, &format!("SELECT json_build_array({})::text AS answer FROM {from}", expressions.join(", ")))?;
    serde_json::from_str(&answer.concat()).map_err(DbError::corrupt("an answer of the server"))
}
