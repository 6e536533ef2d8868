//! Passwords to hashes and back: Argon2id on the compute threads, a few at once. The bcrypt hashes of the reference verify too.

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

    /// Whether the password is the one that was hashed. Without a hash it is not, after the time that one of Lectern's own takes.
    pub(crate) async fn verify(&self, bridge: &Bridge, password: Password, hashed: Option<String>) -> Result<Verified, ServiceError> {
        let _turn = self.turn().await?;
        let verified = bridge.compute(move || match hashed {
            Some(hashed) => verify(&password, &hashed),
            None => hash(&password).map(|_| Verified { right: false, rehashed: None }).map_err(Into::into),
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

/// What became of checking a password.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Verified {
    /// Whether it is the right one.
    pub(crate) right: bool,
    /// Another hash for a right one whose hash is not of Lectern's own kind.
    pub(crate) rehashed: Option<String>,
}

/// Why a password could not be checked.
#[derive(Debug, thiserror::Error)]
enum VerifyError {
    #[error(transparent)]
    Argon2(#[from] HashError),
    #[error(transparent)]
    Bcrypt(#[from] bcrypt::BcryptError),
}

fn verify(password: &Password, hashed: &str) -> Result<Verified, VerifyError> {
    if ["$2a$", "$2b$", "$2x$", "$2y$"].iter().any(|kind| hashed.starts_with(kind)) {
        // As the reference does, it looks at the first 72 bytes alone.
        let right = bcrypt::verify(password.reveal(), hashed)?;
        let rehashed = if right { Some(hash(password)?) } else { None };
        return Ok(Verified { right, rehashed });
    }
    match argon2()?.verify_password(password.reveal().as_bytes(), hashed) {
        Ok(()) => Ok(Verified { right: true, rehashed: None }),
        Err(HashError::PasswordInvalid) => Ok(Verified { right: false, rehashed: None }),
        Err(error) => Err(error.into()),
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
        let checked = |text: &str, hashed: &str| verify(&password(text), hashed).expect("checked");
        assert_eq!(checked("first-password", &hashed), Verified { right: true, rehashed: None });
        assert_eq!(checked("other-password", &hashed), Verified { right: false, rehashed: None });
        assert!(verify(&password("first-password"), "no hash").is_err());
        assert_ne!(hashed, hash(&password("first-password")).expect("hashes"), "salted");
    }

    #[test]
    fn the_reference_s_hashes_verify_by_their_first_72_bytes_and_get_another() {
        let password = |text: &str| Password::try_from(text.to_owned()).expect("valid");
        // By libxcrypt's crypt(3); the second is also among the published vectors of jBCrypt.
        for (text, hashed) in [
            ("changeme", "$2b$12$D4G5f18o7aMMfwasBL7GpurIEoQvv58JRloQ5uW6DHxxAMChet1yy"),
            ("abcdefghijklmnopqrstuvwxyz", "$2a$12$D4G5f18o7aMMfwasBL7GpuQWuP3pkrZrOAnqP.bmezbMng.QwJ/pG"),
        ] {
            let verified = verify(&password(text), hashed).expect("checked");
            assert!(verified.right, "{hashed}");
            let own = verified.rehashed.expect("another hash");
            assert_eq!(verify(&password(text), &own).expect("checked"), Verified { right: true, rehashed: None });
            assert_eq!(verify(&password("changeme2"), hashed).expect("checked"), Verified { right: false, rehashed: None });
        }
        let long = |last: &str| password(&format!("{}{last}", "a".repeat(72)));
        let hashed = bcrypt::hash("a".repeat(72), 4).expect("hashes");
        assert!(verify(&long(""), &hashed).expect("checked").right);
        assert!(verify(&long("b"), &hashed).expect("checked").right, "what comes after 72 bytes does not count");
        assert!(!verify(&password(&"a".repeat(71)), &hashed).expect("checked").right);
        assert!(verify(&password("changeme"), "$2b$12$short").is_err());
    }
}
