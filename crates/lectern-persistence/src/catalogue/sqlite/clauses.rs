//! Reading tokens one clause after the other.

use super::tokens::{Token, spelled};

/// A place among tokens.
pub(super) struct Clauses<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl<'a> Clauses<'a> {
    pub(super) fn new(tokens: &'a [Token]) -> Self {
        Self { tokens, at: 0 }
    }

    pub(super) fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    pub(super) fn next(&mut self) -> Option<&'a Token> {
        let token = self.peek();
        self.at += usize::from(token.is_some());
        token
    }

    /// Whether one of these words comes next.
    pub(super) fn comes(&self, words: &[&str]) -> bool {
        self.peek().is_some_and(|token| words.iter().any(|word| token.is(word)))
    }

    /// Passes these words where they come next, all of them.
    pub(super) fn pass(&mut self, words: &[&str]) -> bool {
        let come =
            self.tokens[self.at..].len() >= words.len() && words.iter().zip(&self.tokens[self.at..]).all(|(word, token)| token.is(word));
        self.at += if come { words.len() } else { 0 };
        come
    }

    /// A name, where one comes.
    pub(super) fn name(&mut self) -> Option<String> {
        self.next().and_then(Token::name)
    }

    /// Everything in parentheses that comes next, with them; nothing where none do.
    pub(super) fn group(&mut self) -> &'a [Token] {
        let start = self.at;
        let mut depth = 0_usize;
        while depth > 0 || self.at == start && self.comes(&["("]) {
            match self.next() {
                Some(token) if token.is("(") => depth += 1,
                Some(token) if token.is(")") => depth -= 1,
                Some(_) => {}
                None => break,
            }
        }
        &self.tokens[start..self.at]
    }

    /// `on conflict …`, with a space before it.
    pub(super) fn conflict(&mut self) -> String {
        if self.pass(&["on", "conflict"]) {
            self.name().map(|action| format!(" on conflict {action}")).unwrap_or_default()
        } else {
            String::new()
        }
    }

    /// `references …` to its end.
    pub(super) fn reference(&mut self) -> String {
        let start = self.at;
        let _ = (self.next(), self.next(), self.group());
        loop {
            if self.pass(&["on", "delete"]) || self.pass(&["on", "update"]) {
                let _ = self.pass(&["set"]) || self.pass(&["no"]);
                self.next();
            } else if self.pass(&["match"]) || self.pass(&["initially"]) {
                self.next();
            } else if !self.pass(&["not", "deferrable"]) && !self.pass(&["deferrable"]) {
                return spelled(&self.tokens[start..self.at]);
            }
        }
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a [Token] {
        &self.tokens[self.at..]
    }
}

/// What stands between commas outside of parentheses.
pub(super) fn elements(tokens: &[Token]) -> Vec<&[Token]> {
    let mut elements = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (at, token) in tokens.iter().enumerate() {
        if token.is("(") {
            depth += 1;
        } else if token.is(")") {
            depth = depth.saturating_sub(1);
        } else if token.is(",") && depth == 0 {
            elements.push(&tokens[start..at]);
            start = at + 1;
        }
    }
    elements.push(&tokens[start..]);
    elements
}
