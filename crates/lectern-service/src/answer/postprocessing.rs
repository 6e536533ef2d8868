//! What is masked in an answer before anybody sees it: addresses, numbers and links that are not on the white list.

use crate::{ServiceError, data_file};
use regex::{Captures, Regex};
use serde::Deserialize;
use std::{collections::HashSet, path::Path, sync::Arc};

/// The longest white list, in bytes.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The domain of the French state: it and everything below it is always allowed.
const ALWAYS: &str = "gouv.fr";

/// What stands for what was masked.
const MAIL: &str = "[MAIL MASQUÉ]";
const NUMBER: &str = "[NUMERO MASQUÉ]";
const URL: &str = "[URL MASQUÉE]";

/// The file of the white list; further keys are ignored.
#[derive(Deserialize)]
struct WhitelistFile {
    #[serde(default)]
    mail_whitelist: Vec<String>,
    #[serde(default)]
    phone_number_whitelist: Vec<String>,
    #[serde(default)]
    domain_url_whitelist: Vec<String>,
}

/// What is recognised, and what of it may be shown.
#[derive(Debug)]
pub struct Postprocessing {
    mails: HashSet<String>,
    numbers: HashSet<String>,
    domains: HashSet<String>,
    mail: Regex,
    number: Regex,
    url: Regex,
}

/// What a stream asks for.
#[derive(Debug, Clone)]
pub(super) struct Masks {
    checks: Arc<Postprocessing>,
    mail: bool,
    number: bool,
    url: bool,
}

impl Postprocessing {
    /// With an empty white list.
    ///
    /// # Errors
    /// None in practice: a test builds the expressions.
    pub fn without_list() -> Result<Self, ServiceError> {
        Self::new(WhitelistFile { mail_whitelist: Vec::new(), phone_number_whitelist: Vec::new(), domain_url_whitelist: Vec::new() })
    }

    /// Reads a JSON file: `{"mail_whitelist": […], "phone_number_whitelist": […], "domain_url_whitelist": […]}`. Blocks.
    ///
    /// # Errors
    /// [`ServiceError::DataFile`] where it cannot be read or is something else.
    pub fn open(path: &Path) -> Result<Self, ServiceError> {
        Self::new(data_file::json(path, MAX_BYTES)?)
    }

    fn new(list: WhitelistFile) -> Result<Self, ServiceError> {
        let expression = |text: &str| Regex::new(text).map_err(|error| ServiceError::internal("reading an expression", error));
        let domain = |entry: String| host(&entry).trim_start_matches("*.").to_owned();
        Ok(Self {
            mails: list.mail_whitelist.into_iter().map(|mail| mail.trim().to_lowercase()).collect(),
            numbers: list.phone_number_whitelist.iter().map(|number| digits(number)).collect(),
            domains: list.domain_url_whitelist.into_iter().map(domain).chain([ALWAYS.to_owned()]).collect(),
            // No blank can be part of an address or a link, and no two separators in a row of a number: see `sentence_end`.
            mail: expression(r"[\w.%+'\-]+@[\w\-]+(?:\.[\w\-]+)+")?,
            number: expression(
                r"(?:\+\d{1,3}[ .\-\x{a0}\x{202f}]?(?:\(0\)[ .\-\x{a0}\x{202f}]?)?|0)(?:\d[ .\-/\x{a0}\x{202f}]?){8,11}\d|0(?:[ .\-/\x{a0}\x{202f}]?\d){9}",
            )?,
            url: expression(
                r#"(?:[a-zA-Z][a-zA-Z0-9+.\-]{1,20}://|[wW]{3}\.)[^\s<>"]+|(?:[\w\-]+\.)+(?i-u:app|be|biz|ca|ch|co|com|de|dev|edu|es|eu|fr|gov|info|io|it|net|org|uk)(?:[/:?#][^\s<>"]*)?"#,
            )?,
        })
    }

    /// What these names ask for; none where they ask for nothing.
    ///
    /// # Errors
    /// [`ServiceError::UnknownPostprocessing`] for a name that means nothing: silence would let pass what was to be masked.
    pub(super) fn masks(self: &Arc<Self>, names: &[String]) -> Result<Option<Masks>, ServiceError> {
        let mut masks = Masks { checks: self.clone(), mail: false, number: false, url: false };
        for name in names {
            match name.as_str() {
                "check_mail" => masks.mail = true,
                "check_number" => masks.number = true,
                "check_url" => masks.url = true,
                _ => return Err(ServiceError::UnknownPostprocessing(name.clone())),
            }
        }
        Ok((!names.is_empty()).then_some(masks))
    }

    fn domain_is_allowed(&self, host: &str) -> bool {
        let parents = host.match_indices('.').map(|(at, _)| &host[at + 1..]);
        std::iter::once(host).chain(parents).any(|domain| self.domains.contains(domain))
    }
}

impl Masks {
    /// The text with what is not allowed masked.
    pub(super) fn mask(&self, text: &str) -> String {
        let checks = &*self.checks;
        let mut text = text.to_owned();
        if self.url {
            text = replace(&checks.url, &text, |found, before, after| {
                let link = found.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '\'', '»', '*', '_', '…']);
                // A part of an address or of a longer word is no link.
                let part = before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '@' | '.' | '-' | '_'))
                    || (after.is_some_and(|c| c == '@' || c.is_alphanumeric()) && !link.contains('/'));
                (!part && !checks.domain_is_allowed(&host(link))).then(|| format!("{URL}{}", &found[link.len()..]))
            });
        }
        if self.mail {
            text = replace(&checks.mail, &text, |found, _, _| {
                let mail = found.to_lowercase();
                let allowed = checks.mails.contains(&mail) || mail.rsplit('@').next().is_some_and(is_of_the_state);
                (!allowed).then(|| MAIL.to_owned())
            });
        }
        if self.number {
            text = replace(&checks.number, &text, |found, before, after| {
                let part = before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | '=' | '_'))
                    || after.is_some_and(|c| c.is_alphanumeric() || c == '_');
                (!part && !checks.numbers.contains(&digits(found))).then(|| NUMBER.to_owned())
            });
        }
        text
    }
}

/// Replaces what an expression finds by what `masked` says, which is told the characters before and after it; where it says nothing, it stays.
fn replace(expression: &Regex, text: &str, masked: impl Fn(&str, Option<char>, Option<char>) -> Option<String>) -> String {
    let replaced = expression.replace_all(text, |found: &Captures<'_>| {
        let Some(whole) = found.get(0) else { return String::new() };
        let (before, after) = (text[..whole.start()].chars().next_back(), text[whole.end()..].chars().next());
        masked(whole.as_str(), before, after).unwrap_or_else(|| whole.as_str().to_owned())
    });
    replaced.into_owned()
}

fn is_of_the_state(domain: &str) -> bool {
    domain.strip_suffix(ALWAYS).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// The host of a link, in lower case: without scheme, user, port and path.
fn host(link: &str) -> String {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    host.trim().trim_end_matches('.').to_lowercase()
}

/// A number's digits, in the form that is used within France.
fn digits(number: &str) -> String {
    let digits: String = number.replace("(0)", "").chars().filter(char::is_ascii_digit).collect();
    let abroad = if number.trim_start().starts_with('+') { digits.strip_prefix("33") } else { digits.strip_prefix("0033") };
    abroad.map_or(digits.clone(), |rest| format!("0{rest}"))
}

/// Where the first sentence of a text ends: after the mark and the blank that follows it, or after a line feed. Nothing that is masked
/// goes over such an end, so that sentences can be masked one by one. None where it goes on.
pub(super) fn sentence_end(text: &str) -> Option<usize> {
    let mut mark = false;
    for (at, c) in text.char_indices() {
        if c == '\n' || (mark && c.is_whitespace()) {
            return Some(at + c.len_utf8());
        }
        mark = matches!(c, '.' | '!' | '?' | '…');
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masks(names: &[&str]) -> Masks {
        let list = r#"{"mail_whitelist":["Contact@Exemple.fr"],"phone_number_whitelist":["01 02 03 04 05","3939"],"domain_url_whitelist":["exemple.org","*.exemple.com"],"more":1}"#;
        let checks = Postprocessing::new(serde_json::from_str(list).expect("a list")).expect("expressions");
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Arc::new(checks).masks(&names).expect("known names").expect("something to do")
    }

    #[track_caller]
    fn check(text: &str, expect: &str) {
        assert_eq!(masks(&["check_mail", "check_number", "check_url"]).mask(text), expect);
    }

    #[test]
    fn addresses() {
        check("Écrivez à jean.d'or+x@mail.exemple.net.", "Écrivez à [MAIL MASQUÉ].");
        check("contact@exemple.fr, CONTACT@EXEMPLE.FR", "contact@exemple.fr, CONTACT@EXEMPLE.FR");
        check("a@gouv.fr a@x.gouv.fr a@xgouv.fr", "a@gouv.fr a@x.gouv.fr [MAIL MASQUÉ]");
        check("jean.fr@exemple.com", "[MAIL MASQUÉ]");
        check("un @ seul, a@b", "un @ seul, a@b");
    }

    #[test]
    fn numbers() {
        for number in [
            "0612345678",
            "06 12 34 56 78",
            "06.12.34.56.78",
            "06-12-34-56-78",
            "+33 6 12 34 56 78",
            "+33 (0)6 12 34 56 78",
            "0033612345678",
            "+49 30 901820123",
        ] {
            check(&format!("Appelez le {number}."), "Appelez le [NUMERO MASQUÉ].");
        }
        check("01 02 03 04 05, +33 1 02 03 04 05, 3939, 0102030405", "01 02 03 04 05, +33 1 02 03 04 05, 3939, 0102030405");
        check("en 2026, 35 000 euros, F1234567890, 75001 Paris", "en 2026, 35 000 euros, F1234567890, 75001 Paris");
    }

    #[test]
    fn links() {
        check("Voir https://x.net/a?b=c#d, (http://y.io).", "Voir [URL MASQUÉE], ([URL MASQUÉE]).");
        check("www.x.net et x.net", "[URL MASQUÉE] et [URL MASQUÉE]");
        let allowed = "https://www.service-public.gouv.fr/F1, exemple.org/a, https://a.exemple.com:80/x";
        check(allowed, allowed);
        check("https://gouv.fr@x.net/ https://x.net/gouv.fr https://xgouv.fr", "[URL MASQUÉE] [URL MASQUÉE] [URL MASQUÉE]");
        check("https://exemple.org/?mail=jean@x.net", "https://exemple.org/?mail=[MAIL MASQUÉ]");
        check("fin.Le début, M.Dupont", "fin.Le début, M.Dupont");
    }

    #[test]
    fn only_what_is_asked_for_is_masked() {
        let text = "a@b.net 0612345678 https://x.net";
        assert_eq!(masks(&["check_mail"]).mask(text), "[MAIL MASQUÉ] 0612345678 https://x.net");
        assert_eq!(masks(&["check_number"]).mask(text), "a@b.net [NUMERO MASQUÉ] https://x.net");
        assert_eq!(masks(&["check_url"]).mask(text), "a@b.net 0612345678 [URL MASQUÉE]");
    }

    #[test]
    fn sentences_end_with_a_mark_and_a_blank_or_a_line() {
        for (text, expect) in
            [("a. b", Some(3)), ("a.b", None), ("a\nb", Some(2)), ("a…\u{a0}b", Some(6)), ("a b", None), ("a.", None), ("", None)]
        {
            assert_eq!(sentence_end(text), expect, "{text:?}");
        }
    }
}
