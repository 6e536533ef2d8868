//! Passwords to hashes and back: Argon2id on the compute threads, a few at once.

use crate::{ServiceError, blocking::Bridge};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{Error as HashError, PasswordHasher, PasswordVerifier},
};
use lectern_domain::{executor::Overloaded, password::Password};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Semaphore, SemaphorePermit};

/// OWASP's recommendation for Argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Bounds how many passwords are worked on at once and how many wait for it.
pub(crate) struct Hashing {
    at_once: Semaphore,
    waiting: AtomicUsize,
    waiting_max: usize,
}

impl Hashing {
    pub(super) fn new(at_once: usize, waiting_max: usize) -> Self {
        Self { at_once: Semaphore::new(at_once.max(1)), waiting: AtomicUsize::new(0), waiting_max: waiting_max.max(1) }
    }

    async fn turn(&self) -> Result<SemaphorePermit<'_>, Overloaded> {
        struct Waiting<'a>(&'a AtomicUsize);
        impl Drop for Waiting<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::Relaxed);
            }
        }
        if let Ok(permit) = self.at_once.try_acquire() {
            return Ok(permit);
        }
        // Counted back when the turn comes, and when the caller goes away before it.
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        if before >= self.waiting_max {
            return Err(Overloaded);
        }
        self.at_once.acquire().await.or(Err(Overloaded))
    }

    /// The hash of a password, in PHC form.
    pub(crate) async fn hash(&self, bridge: &Bridge, password: Password) -> Result<String, ServiceError> {
        let _turn = self.turn().await?;
        bridge.compute(move || hash(&password)).await?.map_err(|error| ServiceError::internal("hashing a password", error))
    }

    /// Whether the password is the one that was hashed. Without a hash it is not, after the same time.
    pub(crate) async fn verify(&self, bridge: &Bridge, password: Password, hashed: Option<String>) -> Result<bool, ServiceError> {
        let _turn = self.turn().await?;
        let verified = bridge.compute(move || match hashed {
            Some(hashed) => verify(&password, &hashed),
            None => hash(&password).map(|_| false),
        });
        verified.await?.map_err(|error| ServiceError::internal("checking a password", error))
    }
}

fn argon2() -> Result<Argon2<'static>, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).or(Err(HashError::ParamsInvalid))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &Password) -> Result<String, HashError> {
    Ok(argon2()?.hash_password(password.reveal().as_bytes())?.to_string())
}

fn verify(password: &Password, hashed: &str) -> Result<bool, HashError> {
    match argon2()?.verify_password(password.reveal().as_bytes(), hashed) {
        Ok(()) => Ok(true),
        Err(HashError::PasswordInvalid) => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_argon2id_with_the_stated_cost_and_verifies_its_password_alone() {
        let password = |text: &str| Password::try_from(text.to_owned()).expect("valid");
        let hashed = hash(&password("first-password")).expect("hashes");
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert_eq!(verify(&password("first-password"), &hashed), Ok(true));
        assert_eq!(verify(&password("other-password"), &hashed), Ok(false));
        assert!(verify(&password("first-password"), "no hash").is_err());
        assert_ne!(hashed, hash(&password("first-password")).expect("hashes"), "salted");
    }
}
