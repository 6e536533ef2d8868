//! What accounts need beside the database.

use super::{Organizations, SecretKey, hashing::Hashing, session::Sessions};
use crate::limits::{LimitOptions, Limits};
use std::time::Duration;

/// How long proofs last and how much work goes into passwords.
#[derive(Debug, Clone)]
pub struct AuthOptions {
    /// How long a session lasts. The reference's default is a day.
    pub session_ttl: Duration,
    /// How long a link for a new password is good for. The reference's default is an hour.
    pub reset_ttl: Duration,
    /// How often one may try.
    pub limits: LimitOptions,
    /// How many passwords are hashed at once; each takes 19 MiB.
    pub hashes_at_once: usize,
    /// How many more may wait for that; past it the answer is 503.
    pub hashes_waiting: usize,
}

impl Default for AuthOptions {
    fn default() -> Self {
        Self {
            session_ttl: Duration::from_secs(86_400),
            reset_ttl: Duration::from_secs(3_600),
            limits: LimitOptions::default(),
            hashes_at_once: 2,
            hashes_waiting: 64,
        }
    }
}

/// The keys, limits and lists of accounts: made once at start.
pub struct Auth {
    pub(crate) sessions: Sessions,
    pub(crate) hashing: Hashing,
    pub(crate) reset_ttl: Duration,
    pub(crate) limits: Limits,
    /// The organisations that a user may belong to.
    pub organizations: Organizations,
}

impl Auth {
    /// Takes the key that signs sessions, and the organisations that a user may belong to.
    pub fn new(options: &AuthOptions, key: &SecretKey, organizations: Organizations) -> Self {
        Self {
            sessions: Sessions::new(key, options.session_ttl),
            hashing: Hashing::new(options.hashes_at_once, options.hashes_waiting),
            reset_ttl: options.reset_ttl,
            limits: Limits::new(options.limits.clone(), key),
            organizations,
        }
    }
}
