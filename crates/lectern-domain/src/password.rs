//! Passwords, as they are typed.

use crate::Invalid;
use regex::Regex;
use std::{fmt, sync::LazyLock};

/// What a password looks like: 8 to 128 of letters, digits (of any script) and `$!%*+-?&#_=.,:;@`.
pub const PASSWORD_PATTERN: &str = r"^[A-Za-z\d$!%*+\-?&#_=.,:;@]{8,128}$";

static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(PASSWORD_PATTERN).ok());

/// A password of the form that [`PASSWORD_PATTERN`] gives. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The text, for hashing.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl TryFrom<String> for Password {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        if PATTERN.as_ref().is_some_and(|pattern| pattern.is_match(&text)) {
            Ok(Self(text))
        } else {
            Err(Invalid::new("password", "a password has 8 to 128 letters, digits or characters of $!%*+-?&#_=.,:;@"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_is_held() {
        let valid = |text: &str| Password::try_from(text.to_owned()).is_ok();
        assert!(valid("Abcdefg1") && valid("$!%*+-?&#_=.,:;@") && valid("٣٣٣٣٣٣٣٣") && valid(&"a".repeat(128)));
        for wrong in ["", "short", "abcdefg1\n", "with blank1", "é12345678", "abcdefgh/"] {
            assert!(!valid(wrong), "{wrong:?}");
        }
        assert!(!valid(&"a".repeat(129)));
    }

    #[test]
    fn debug_hides_it() {
        let password = Password::try_from("secret-secret".to_owned()).expect("valid");
        assert!(!format!("{password:?}").contains("secret-secret"));
    }
}
