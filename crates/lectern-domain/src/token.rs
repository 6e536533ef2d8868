//! API tokens.

use crate::{
    Invalid,
    digest::Digest,
    ids::{ApiTokenId, UserId},
};

/// An API token's name: 1 to 100 of letters, digits and `:_-.`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenName(String);

impl TokenName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TokenName {
    type Error = Invalid;

    fn try_from(name: String) -> Result<Self, Invalid> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-' | '.');
        if !name.is_empty() && name.len() <= 100 && name.chars().all(allowed) {
            Ok(Self(name))
        } else {
            Err(Invalid::new("name", "Only alphanumeric and [:_-.] characters are supported."))
        }
    }
}

/// An API token, known by the digest of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// Whose it is.
    pub user: UserId,
    /// What its owner calls it.
    pub name: String,
    /// The SHA-256 of its text.
    pub hash: Digest,
}
