//! Where a store is, and who asks.

use crate::{StoreError, elasticsearch::Credentials};
use reqwest::Url;
use std::fmt;

/// Where a store is, and who asks. Neither `Debug` nor `Display` show a secret.
#[derive(Clone)]
pub struct SeedPlace {
    /// The address, without user and password.
    pub(super) url: String,
    pub(super) credentials: Credentials,
    pub(super) ca: Option<Vec<u8>>,
}

impl SeedPlace {
    /// An address, in which a user and a password may stand; an API key, which counts instead of them; certificates of authorities to trust besides
    /// the system's, as PEM.
    ///
    /// # Errors
    /// [`StoreError::Mismatch`] where the address is none; it is not repeated, since it may hold a password.
    pub fn new(url: &str, api_key: Option<String>, ca: Option<Vec<u8>>) -> Result<Self, StoreError> {
        let unusable =
            || StoreError::Mismatch("the address can't be used: it looks like http://host:port or https://user:password@host".to_owned());
        let mut url = Url::parse(url).or(Err(unusable()))?;
        if !url.has_host() || !matches!(url.scheme(), "http" | "https") {
            return Err(unusable());
        }
        let decoded = |text: &str| percent_decoded(text).ok_or_else(unusable);
        let (user, password) = (decoded(url.username())?, url.password().map(decoded).transpose()?);
        let credentials = match (api_key, password) {
            (Some(key), _) => Credentials::ApiKey(key),
            (None, Some(password)) => Credentials::Basic { user, password },
            (None, None) => Credentials::None,
        };
        url.set_username("").or(Err(unusable()))?;
        url.set_password(None).or(Err(unusable()))?;
        url.set_query(None);
        Ok(Self { url: url.into(), credentials, ca })
    }
}

impl fmt::Debug for SeedPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeedPlace").field("url", &self.url).field("credentials", &self.credentials).finish_non_exhaustive()
    }
}

impl fmt::Display for SeedPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.trim_end_matches('/'))
    }
}

/// A part of an address with `%XX` as what they stand for; none where that is no UTF-8.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = (*first == b'%').then(|| tail.get(..2)).flatten().and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_taken_out_of_the_address_and_shown_nowhere() {
        let place = SeedPlace::new("https://user:p%40ss@host:9200/below?x=1", None, None).unwrap();
        assert_eq!(place.to_string(), "https://host:9200/below");
        assert_eq!(place.credentials, Credentials::Basic { user: "user".to_owned(), password: "p@ss".to_owned() });
        let place = SeedPlace::new("http://user:hidden@host", Some("hidden".to_owned()), None).unwrap();
        assert_eq!(place.credentials, Credentials::ApiKey("hidden".to_owned()));
        assert!(!format!("{place} {place:?}").contains("hidden"));
        for wrong in ["host:9200", "ftp://user:hidden@host", "http://", ""] {
            let refused = SeedPlace::new(wrong, None, None).unwrap_err().to_string();
            assert!(!refused.contains("hidden"), "{refused}");
        }
    }
}
