//! What PostgreSQL does not keep and SQLite does.

/// A number for a column of 32 bits.
pub(crate) fn i32_of(number: i64) -> Result<i32, String> {
    i32::try_from(number).map_err(|_range| format!("{number} is outside the 32 bits that PostgreSQL keeps"))
}

/// PostgreSQL's texts have no NUL.
pub(crate) fn no_nul(text: &str) -> Result<(), String> {
    if text.contains('\0') { Err("the text has a NUL character, which PostgreSQL does not keep".to_owned()) } else { Ok(()) }
}

/// The same in a document, where it is escaped.
pub(crate) fn no_escaped_nul(document: &str) -> Result<(), String> {
    let mut rest = document;
    while let Some(at) = rest.find('\\') {
        let escape = &rest[at + 1..];
        if escape.starts_with("u0000") {
            return Err("a text in the document has a NUL character, which PostgreSQL does not keep".to_owned());
        }
        // What is escaped may be a backslash.
        rest = escape.get(1..).unwrap_or_default();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_nul_is_found_and_a_backslash_before_u0000_is_none() {
        assert!(no_escaped_nul(r#"{"a":"b\u0000"}"#).is_err());
        assert!(no_escaped_nul(r#"{"a":"\\\u0000"}"#).is_err());
        assert!(no_escaped_nul(r#"{"a":"\\u0000"}"#).is_ok());
        assert!(no_escaped_nul("\"\\\"\"").is_ok());
    }
}
