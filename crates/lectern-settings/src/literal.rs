//! Lists of texts as environment variables carry them.

/// Reads a list of texts: a literal such as `['a', "b"]`, as Python and JSON write them, or, without brackets, texts separated by
/// commas. Blanks around a text are dropped, and so are empty texts. Nothing where brackets or quotes do not match.
pub(crate) fn list(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    let Some(inner) = text.strip_prefix('[') else {
        return Some(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect());
    };
    let mut rest = inner.strip_suffix(']')?.trim();
    let mut items = Vec::new();
    while !rest.is_empty() {
        let (item, after) = quoted(rest)?;
        items.push(item);
        rest = after.trim_start();
        if !rest.is_empty() {
            rest = rest.strip_prefix(',')?.trim_start();
        }
    }
    items.retain(|item| !item.trim().is_empty());
    Some(items)
}

/// A quoted text at the start, with backslash escapes of quotes and backslashes, and what comes after it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|first| matches!(first, '\'' | '"'))?;
    let mut item = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => item.push(chars.next().map(|(_, escaped)| escaped).filter(|escaped| matches!(escaped, '\\' | '\'' | '"' | '/'))?),
            _ if char == quote => return Some((item, &text[at + 1..])),
            _ => item.push(char),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, expect: &[&str]) {
        assert_eq!(list(text).expect("a list"), expect, "{text}");
    }

    #[test]
    fn literals_and_commas() {
        reads("", &[]);
        reads("[]", &[]);
        reads("['http://a', 'b']", &["http://a", "b"]);
        reads(r#" ["a" , 'b',] "#, &["a", "b"]);
        reads(r"['it\'s', 'é']", &["it's", "é"]);
        reads("http://a, http://b", &["http://a", "http://b"]);
        reads("a,,b,", &["a", "b"]);
    }

    #[test]
    fn what_does_not_match_is_refused() {
        for text in ["['a'", "['a]", "['a' 'b']", "[a]", "[,]", r"['\n']", "['a',,'b']"] {
            assert_eq!(list(text), None, "{text}");
        }
    }
}
