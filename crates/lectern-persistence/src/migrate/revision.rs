//! How a revision is named on the command line.

use std::{fmt, str::FromStr};

/// A place in the order of migrations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revision {
    /// After the last one.
    Head,
    /// Before the first one.
    Base,
    /// After the one whose version starts with these digits.
    Version(String),
    /// So many after the current place, or before it.
    Relative(i64),
}

/// Why a revision names no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevisionError {
    /// It is not written like one.
    #[error("'{0}' is no revision: write head, base, a version or its first digits, +N or -N")]
    Malformed(String),
    /// No migration has such a version.
    #[error("no migration has a version that starts with {0}: `lectern db history` lists them")]
    Unknown(String),
    /// Several have.
    #[error("several migrations have a version that starts with {prefix}: {}", versions.join(", "))]
    Ambiguous {
        /// What was given.
        prefix: String,
        /// Their versions.
        versions: Vec<String>,
    },
    /// Nobody knows what a release ended with.
    #[error("what release {0} ended with is not known: `lectern db history -v` shows which version applied what; name a revision instead")]
    Release(String),
    /// There are not so many.
    #[error("{asked:+} leads beyond the migrations: the database is at {at} of {of}")]
    Beyond {
        /// The steps.
        asked: i64,
        /// How many are applied.
        at: usize,
        /// How many there are.
        of: usize,
    },
}

impl FromStr for Revision {
    type Err = RevisionError;

    fn from_str(text: &str) -> Result<Self, RevisionError> {
        let malformed = || RevisionError::Malformed(text.to_owned());
        match text {
            "head" => Ok(Self::Head),
            "base" => Ok(Self::Base),
            _ if text.starts_with(['+', '-']) => text.parse().map(Self::Relative).map_err(|_overflow| malformed()),
            _ => {
                // As folders are named, or as versions are shown.
                let digits: String = text.split('_').next().unwrap_or_default().chars().filter(|&char| char != '-').collect();
                let fine = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
                if fine { Ok(Self::Version(digits)) } else { Err(malformed()) }
            }
        }
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head => f.write_str("head"),
            Self::Base => f.write_str("base"),
            Self::Version(version) => f.write_str(version),
            Self::Relative(steps) => write!(f, "{steps:+}"),
        }
    }
}

impl Revision {
    /// How many of `versions`, which are in order, are applied at this revision; `applied` of them are now.
    ///
    /// # Errors
    /// [`RevisionError`] where that is none of them, several, or beyond them.
    pub fn resolve(&self, versions: &[&str], applied: usize) -> Result<usize, RevisionError> {
        match self {
            Self::Head => Ok(versions.len()),
            Self::Base => Ok(0),
            Self::Version(prefix) => {
                let found: Vec<usize> = (0..versions.len()).filter(|&at| versions[at].starts_with(prefix.as_str())).collect();
                match found.as_slice() {
                    [] => Err(RevisionError::Unknown(prefix.clone())),
                    [at] => Ok(at + 1),
                    several => Err(RevisionError::Ambiguous {
                        prefix: prefix.clone(),
                        versions: several.iter().map(|&at| versions[at].to_owned()).collect(),
                    }),
                }
            }
            Self::Relative(steps) => {
                let place = i64::try_from(applied).ok().and_then(|applied| applied.checked_add(*steps));
                let place = place.and_then(|place| usize::try_from(place).ok()).filter(|&place| place <= versions.len());
                place.ok_or(RevisionError::Beyond { asked: *steps, at: applied, of: versions.len() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSIONS: &[&str] = &["20260101000001", "20260101000002", "20260201000001"];

    #[track_caller]
    fn check(text: &str, applied: usize, expect: Result<usize, &str>) {
        let place = text.parse::<Revision>().and_then(|revision| revision.resolve(VERSIONS, applied));
        match expect {
            Ok(expect) => assert_eq!(place, Ok(expect), "{text}"),
            Err(part) => assert!(place.as_ref().is_err_and(|error| error.to_string().contains(part)), "{text}: {place:?}"),
        }
    }

    #[test]
    fn revisions_name_places() {
        check("head", 0, Ok(3));
        check("base", 3, Ok(0));
        check("202602", 0, Ok(3));
        check("2026-01-01-000002", 0, Ok(2));
        check("2026-01-01-000002_users", 0, Ok(2));
        check("+1", 1, Ok(2));
        check("-1", 1, Ok(0));
        check("202601", 0, Err("several migrations"));
        check("2027", 0, Err("starts with 2027"));
        check("+3", 1, Err("beyond"));
        check("-2", 1, Err("beyond"));
        check("+99999999999999999999", 1, Err("no revision"));
        check("tip", 0, Err("no revision"));
        check("", 0, Err("no revision"));
    }
}
