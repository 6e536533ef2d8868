//! SQL as SQLite's tokeniser has it, in one spelling.

use crate::catalogue::text::quoted;

/// A token. Letters count as small: SQLite tells neither names nor words apart by them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A word or a number without quotes.
    Word(String),
    /// A name in quotes, which are gone.
    Name(String),
    /// A text, with its quotes.
    Text(String),
    /// Anything else: a parenthesis, a comma, or a run of operators.
    Symbol(String),
}

impl Token {
    pub(super) fn is(&self, text: &str) -> bool {
        matches!(self, Self::Word(own) | Self::Symbol(own) if own == text)
    }

    /// The name that it is, quoted or not.
    pub(super) fn name(&self) -> Option<String> {
        match self {
            Self::Word(name) | Self::Name(name) => Some(name.clone()),
            Self::Text(text) => Some(text.trim_matches('\'').to_ascii_lowercase()),
            Self::Symbol(_) => None,
        }
    }
}

/// The tokens of a statement, without comments.
pub(super) fn tokens(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = sql.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '\'' => {
                let length = quoted_length(rest, '\'');
                tokens.push(Token::Text(rest[..length].replace('\n', "\\n")));
                length
            }
            '"' | '`' => {
                let length = quoted_length(rest, first);
                let inner = rest[1..length].strip_suffix(first).unwrap_or(&rest[1..length]);
                tokens.push(Token::Name(inner.replace(&format!("{first}{first}"), &first.to_string()).to_ascii_lowercase()));
                length
            }
            '[' => {
                let length = rest.find(']').map_or(rest.len(), |end| end + 1);
                tokens.push(Token::Name(rest[1..length].trim_end_matches(']').to_ascii_lowercase()));
                length
            }
            '(' | ')' | ',' | ';' | '.' => {
                tokens.push(Token::Symbol(first.to_string()));
                1
            }
            _ if is_word(first) => {
                // The point of a number is part of it.
                let numeric = first.is_ascii_digit();
                let length = rest.find(|char| !(is_word(char) || numeric && char == '.')).unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..length].to_ascii_lowercase()));
                length
            }
            _ => {
                let ends = |char: char| is_word(char) || char.is_whitespace() || "'\"`[(),;.".contains(char);
                let mut length = rest.find(ends).unwrap_or(rest.len());
                // A comment or a sign may begin within.
                length = ["--", "/*"].iter().filter_map(|comment| rest[..length].find(comment)).fold(length, usize::min);
                tokens.push(Token::Symbol(rest[..length].to_owned()));
                length
            }
        };
        rest = rest[length.max(1)..].trim_start();
    }
    tokens
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_' || char == '$'
}

/// The bytes of a quoted text at the start of `text`, where a doubled quote is one within.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut at = 1;
    while let Some(end) = text[at..].find(quote) {
        at += end + 1;
        if !text[at..].starts_with(quote) {
            return at;
        }
        at += 1;
    }
    text.len()
}

/// One spelling for tokens.
pub(super) fn spelled(tokens: &[Token]) -> String {
    let mut text = String::new();
    let mut glued = true;
    for token in tokens {
        let symbol = matches!(token, Token::Symbol(symbol) if [")", ",", ".", ";"].contains(&symbol.as_str()));
        if !glued && !symbol {
            text.push(' ');
        }
        match token {
            Token::Word(own) | Token::Text(own) | Token::Symbol(own) => text.push_str(own),
            Token::Name(name) => text.push_str(&quoted(name)),
        }
        glued = token.is("(") || token.is(".");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sql: &str, expect: &str) {
        assert_eq!(spelled(&tokens(sql)), expect);
    }

    #[test]
    fn sql_has_one_spelling() {
        check("CHECK(a   IN('x','it''s') )", "check (a in ('x', 'it''s'))");
        check("\"Limit\" INTEGER -- a comment's end\n NOT/* here */NULL", "limit integer not null");
        check("a>=1.50 AND b<>-1||c", "a >= 1.50 and b <>- 1 || c");
        check("[odd name] `x` \"a\"\"b\".c", "\"odd name\" x \"a\"\"b\".c");
        check("x'00ff' 'two\nlines'", "x '00ff' 'two\\nlines'");
        check("'not closed", "'not closed");
        check("é = 1", "é = 1");
    }
}
