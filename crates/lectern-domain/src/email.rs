//! E-mail addresses: syntax only, nothing is looked up.

use crate::Invalid;
use std::fmt;

/// What makes two addresses the same account: the whole address in lower case.
pub fn email_key(address: &str) -> String {
    address.to_lowercase()
}

/// The most characters that are looked at (RFC 3696, erratum 1690, allows 254 of them in the end).
const INPUT_MAX: usize = 2048;
const ADDRESS_MAX: usize = 254;
const LOCAL_MAX: usize = 64;
const DOMAIN_MAX: usize = 253;

/// Names that no mail can be delivered to (RFC 6761, RFC 6762, RFC 7686, RFC 8375).
const SPECIAL_USE: [&str; 8] = ["arpa", "invalid", "local", "localhost", "onion", "test", "internal", "alt"];

/// An address whose syntax is right. The domain is in lower case and in Unicode; the local part is as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as text.
    pub fn into_string(self) -> String {
        self.0
    }

    /// What makes two addresses the same account.
    pub fn key(&self) -> String {
        email_key(&self.0)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<&str> for EmailAddress {
    type Error = Invalid;

    /// Reads `a@b.fr`, surrounding blanks, and `Name <a@b.fr>`. The message of the error is a full sentence.
    fn try_from(text: &str) -> Result<Self, Invalid> {
        parse(text).map_err(|reason| Invalid::new("email", reason))
    }
}

fn parse(text: &str) -> Result<EmailAddress, String> {
    if text.chars().count() > INPUT_MAX {
        return Err(format!("Length must not exceed {INPUT_MAX} characters"));
    }
    let address = without_display_name(text).trim();
    let (local, domain) = address.rsplit_once('@').ok_or("An email address must have an @-sign.")?;
    check_local(local)?;
    let domain = check_domain(domain)?;
    let whole = format!("{local}@{domain}");
    if whole.len() > ADDRESS_MAX {
        return Err(format!("The email address is too long: {} bytes, {ADDRESS_MAX} allowed.", whole.len()));
    }
    Ok(EmailAddress(whole))
}

/// `a@b.fr` of `Name <a@b.fr>`, where the name is made of letters, digits, blanks and underscores; else all of it.
fn without_display_name(text: &str) -> &str {
    let inner = || {
        let (name, rest) = text.split_once('<')?;
        let address = rest.trim_end_matches(' ').strip_suffix('>')?;
        name.chars().all(|c| c.is_alphanumeric() || c == '_' || c.is_whitespace()).then_some(address)
    };
    inner().unwrap_or(text)
}

fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || (!c.is_ascii() && !c.is_control() && !c.is_whitespace())
}

fn check_local(local: &str) -> Result<(), String> {
    if local.is_empty() {
        return Err("There must be something before the @-sign.".into());
    }
    let length = local.chars().count();
    if length > LOCAL_MAX {
        return Err(format!("There are {} characters too many before the @-sign.", length - LOCAL_MAX));
    }
    if local.chars().any(|c| c != '.' && !is_atext(c)) {
        return Err("There are characters before the @-sign that an email address cannot have.".into());
    }
    check_periods(local, "before the @-sign")
}

fn check_periods(part: &str, place: &str) -> Result<(), String> {
    if part.contains("..") {
        return Err(format!("There are two periods in a row {place}."));
    }
    if part.starts_with('.') || part.ends_with('.') {
        return Err(format!("There is a period at the start or the end of what is {place}."));
    }
    Ok(())
}

fn check_domain(domain: &str) -> Result<String, String> {
    const PLACE: &str = "after the @-sign";
    if domain.is_empty() {
        return Err("There must be something after the @-sign.".into());
    }
    if domain.starts_with('[') {
        return Err("An IP address after the @-sign is not allowed.".into());
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.' || (!c.is_ascii() && !c.is_control() && !c.is_whitespace());
    if !domain.chars().all(allowed) {
        return Err("There are characters after the @-sign that a domain cannot have.".into());
    }
    check_periods(domain, PLACE)?;
    if domain.split('.').any(|label| label.starts_with('-') || label.ends_with('-')) {
        return Err("A hyphen cannot be at the start or the end of a part of the domain.".into());
    }
    let refused = |_: idna::Errors| "The part after the @-sign is not a valid internationalised domain.".to_owned();
    let ascii = idna::domain_to_ascii_strict(domain).map_err(refused)?;
    if ascii.len() > DOMAIN_MAX {
        return Err(format!("There are {} characters too many after the @-sign.", ascii.len() - DOMAIN_MAX));
    }
    if !ascii.contains('.') {
        return Err("The part after the @-sign is not valid. It should have a period.".into());
    }
    let top = ascii.rsplit('.').next().unwrap_or_default();
    if !top.ends_with(|c: char| c.is_ascii_alphabetic()) && !top.starts_with("xn--") {
        return Err("The part after the @-sign is not valid. It is not within a valid top-level domain.".into());
    }
    if SPECIAL_USE.contains(&top) {
        return Err("The part after the @-sign is a special-use name that cannot be used with email.".into());
    }
    let (unicode, result) = idna::domain_to_unicode(&ascii);
    result.map_err(refused)?;
    Ok(unicode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Option<&str>) {
        let got = EmailAddress::try_from(text);
        assert_eq!(got.as_ref().ok().map(EmailAddress::as_str), expect, "{text:?}: {got:?}");
    }

    #[test]
    fn addresses_are_normalised() {
        check("jean@x.fr", Some("jean@x.fr"));
        check("  Jean@X.FR ", Some("Jean@x.fr"));
        check("Jean Dupont <jean@x.fr>", Some("jean@x.fr"));
        check("<jean@x.fr>", Some("jean@x.fr"));
        check("é@école.fr", Some("é@école.fr"));
        check("a@XN--COLE-9OA.fr", Some("a@école.fr"));
        check("o'neil+tag/x=1@sub.example.org", Some("o'neil+tag/x=1@sub.example.org"));
        check(&format!("{}@x.fr", "a".repeat(64)), Some(&format!("{}@x.fr", "a".repeat(64))));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "jean",
            "@x.fr",
            "jean@",
            "jean@x",
            "a..b@x.fr",
            ".a@x.fr",
            "a.@x.fr",
            "a@x..fr",
            "a@.fr",
            "a@x.fr.",
            "a b@x.fr",
            "a@x y.fr",
            "a@b@x.fr",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@x.test",
            "a@x.localhost",
            "a@x.local",
            "a@x.invalid",
            "a@-x.fr",
            "a@x-.fr",
            "a@x_y.fr",
            "a\n@x.fr",
            "a\0@x.fr",
            "a,b@x.fr",
            "Jean; <jean@x.fr>",
        ] {
            check(text, None);
        }
        check(&format!("{}@x.fr", "a".repeat(65)), None);
        check(&format!("a@{}.fr", "b".repeat(64)), None);
        check(&"a".repeat(3000), None);
    }

    #[test]
    fn the_reason_of_a_missing_period_is_the_one_that_clients_know() {
        let error = EmailAddress::try_from("jean@x").expect_err("no period");
        assert!(error.message.ends_with("It should have a period."), "{error}");
    }
}
