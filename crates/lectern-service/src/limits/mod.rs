//! How often one may try: to sign in, to register, to ask for a new password, to write to who looks after the installation.
//!
//! Tries are counted in SQL, so that the limits hold over all processes, under keyed digests: the table tells neither addresses nor names,
//! and a row whose allowance is full again, a period after its last try at the latest, goes with one of the next tries. A try that is
//! refused is not counted. The time is this application's clock, which tests set.

use crate::{ServiceError, accounts::SecretKey, app::App};
use chrono::{DateTime, Utc};
use lectern_domain::digest::Digest;
use lectern_persistence::repo::rate_limits;
use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

pub use lectern_persistence::repo::rate_limits::Allowance;

/// Rows whose allowance is full again are deleted with every so manieth try.
const TRIM_EVERY: u32 = 64;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Signing in.
    SignIn,
    /// Making an account.
    Register,
    /// Asking for a link for a new password, and coming with one.
    Reset,
    /// Writing to who looks after the installation.
    Contact,
}

/// The limits of an action; none where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limit {
    /// For each address that calls.
    pub address: Option<Allowance>,
    /// For each account that is named.
    pub account: Option<Allowance>,
}

/// What time it is.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// Another clock than the machine's, for tests.
    pub fn new(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now.
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(Utc::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// The limits of all actions. By default there are none.
#[derive(Debug, Clone, Default)]
pub struct LimitOptions {
    /// Of signing in.
    pub sign_in: Limit,
    /// Of making an account.
    pub register: Limit,
    /// Of asking for a new password.
    pub reset: Limit,
    /// Of writing to who looks after the installation.
    pub contact: Limit,
    /// What time it is.
    pub clock: Clock,
}

/// The limits, and the key under which tries are counted.
pub struct Limits {
    options: LimitOptions,
    key: Digest,
    counted: AtomicU32,
}

impl Limits {
    /// Takes the key of sessions, which all processes share.
    pub fn new(options: LimitOptions, key: &SecretKey) -> Self {
        let key = Digest::of_parts([b"rate limits".as_slice(), key.bytes()]);
        Self { options, key, counted: AtomicU32::new(0) }
    }

    fn of(&self, action: Action) -> Limit {
        match action {
            Action::SignIn => self.options.sign_in,
            Action::Register => self.options.register,
            Action::Reset => self.options.reset,
            Action::Contact => self.options.contact,
        }
    }

    fn digest(&self, action: Action, by: &str, who: &str) -> String {
        let action = format!("{action:?}");
        Digest::of_parts([self.key.0.as_slice(), action.as_bytes(), by.as_bytes(), who.as_bytes()]).to_hex()
    }
}

impl App {
    /// Counts a try from an address, for an account, in one transaction: where one of them is beyond its limit, neither is counted.
    ///
    /// # Errors
    /// [`ServiceError::TooMany`] with the time to wait.
    pub(crate) async fn count_try(&self, action: Action, address: Option<IpAddr>, account: Option<&str>) -> Result<(), ServiceError> {
        let limits = &self.auth.limits;
        let limit = limits.of(action);
        // Who cannot be told apart shares an allowance.
        let address = address.map_or_else(|| "unknown".to_owned(), |address| network(address).to_string());
        let keys: Vec<(String, Allowance)> = [
            limit.address.map(|allowance| (limits.digest(action, "address", &address), allowance)),
            limit.account.zip(account).map(|(allowance, account)| (limits.digest(action, "account", account), allowance)),
        ]
        .into_iter()
        .flatten()
        .collect();
        if keys.is_empty() {
            return Ok(());
        }
        let now = limits.options.clock.now();
        let trim = limits.counted.fetch_add(1, Ordering::Relaxed).is_multiple_of(TRIM_EVERY);
        self.bridge
            .write(move |tx| {
                if trim {
                    rate_limits::trim(tx.conn(), now)?;
                }
                let mut wait = None::<Duration>;
                for (key, allowance) in &keys {
                    wait = wait.max(rate_limits::count(tx.conn(), key, *allowance, now)?);
                }
                wait.map_or(Ok(()), |wait| Err(ServiceError::TooMany { wait }))
            })
            .await
    }
}

/// Whom an address stands for: itself, or of the sixth version the network of 64 bits, which is the least that anybody gets.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stands_for_its_network() {
        for (address, expect) in
            [("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("::1", "::")]
        {
            let address: IpAddr = address.parse().expect("an address");
            assert_eq!(network(address).to_string(), expect);
        }
    }
}
