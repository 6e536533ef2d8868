//! Session tokens: JSON Web Tokens (RFC 7519), HS256.

use super::SecretKey;
use crate::ServiceError;
use chrono::Utc;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use lectern_domain::{ids::UserId, user::User};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;

/// Signs and checks session tokens.
pub(crate) struct Sessions {
    sign: EncodingKey,
    check: DecodingKey,
    validation: Validation,
    ttl: Duration,
}

/// The claims of a new token, in the order that clients know; the last two are Lectern's own.
#[derive(Serialize)]
struct Claims {
    exp: i64,
    iat: i64,
    sub: String,
    jti: Uuid,
    ver: i32,
}

#[derive(Deserialize)]
struct Presented {
    sub: String,
    exp: Option<f64>,
    #[serde(default)]
    ver: i32,
}

/// What a token says once its signature and its times are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Session {
    /// Whose it is.
    pub(crate) user: UserId,
    /// The user's token version when it was made; 0 for a token without one.
    pub(crate) version: i32,
}

impl Sessions {
    pub(super) fn new(key: &SecretKey, ttl: Duration) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        validation.validate_nbf = true;
        validation.required_spec_claims.clear();
        Self { sign: EncodingKey::from_secret(key.bytes()), check: DecodingKey::from_secret(key.bytes()), validation, ttl }
    }

    /// How long a session lasts.
    pub(crate) fn ttl(&self) -> Duration {
        self.ttl
    }

    /// A new token for the user.
    pub(crate) fn issue(&self, user: &User) -> Result<String, ServiceError> {
        let iat = Utc::now().timestamp();
        let exp = iat.saturating_add(i64::try_from(self.ttl.as_secs()).unwrap_or(i64::MAX));
        let claims = Claims { exp, iat, sub: user.id.to_string(), jti: Uuid::new_v4(), ver: user.token_version };
        encode(&Header::new(Algorithm::HS256), &claims, &self.sign).map_err(|error| ServiceError::internal("signing a session", error))
    }

    /// What the token says; nothing where it is not one of ours, or not valid now.
    pub(crate) fn read(&self, token: &str) -> Option<Session> {
        let claims = decode::<Presented>(token, &self.check, &self.validation).ok()?.claims;
        // A token is over in the second that `exp` names, not after it (RFC 7519, 4.1.4).
        if claims.exp.is_some_and(|exp| exp <= Utc::now().timestamp() as f64) {
            return None;
        }
        Some(Session { user: UserId(claims.sub.parse().ok()?), version: claims.ver })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn sessions() -> Sessions {
        Sessions::new(&SecretKey::from_text("a key for tests"), Duration::from_secs(60))
    }

    #[track_caller]
    fn check(claims: &Value, expect: Option<Session>) {
        let sessions = sessions();
        let token = encode(&Header::new(Algorithm::HS256), claims, &sessions.sign).expect("signs");
        assert_eq!(sessions.read(&token), expect, "{claims}");
    }

    #[test]
    fn claims_are_checked() {
        let now = Utc::now().timestamp();
        let mine = Some(Session { user: UserId(7), version: 0 });
        check(&json!({"sub": "7"}), mine);
        check(&json!({"sub": "7", "exp": now + 60, "nbf": now - 1, "iat": now + 600}), mine);
        check(&json!({"sub": "7", "ver": 3}), Some(Session { user: UserId(7), version: 3 }));
        for wrong in [
            json!({"sub": "7", "exp": now}),
            json!({"sub": "7", "exp": now - 60}),
            json!({"sub": "7", "nbf": now + 60}),
            json!({"sub": "7", "aud": "x"}),
            json!({"sub": 7}),
            json!({"sub": "seven"}),
            json!({"sub": "99999999999"}),
            json!({}),
        ] {
            check(&wrong, None);
        }
    }

    #[test]
    fn another_key_or_algorithm_is_refused() {
        let claims = json!({"sub": "7"});
        let theirs = EncodingKey::from_secret(b"another key");
        let token = encode(&Header::new(Algorithm::HS256), &claims, &theirs).expect("signs");
        assert_eq!(sessions().read(&token), None);
        let token = encode(&Header::new(Algorithm::HS512), &claims, &sessions().sign).expect("signs");
        assert_eq!(sessions().read(&token), None);
        // {"alg":"none"} and {"sub":"7"} without a signature.
        assert_eq!(sessions().read("eyJhbGciOiJub25lIn0.eyJzdWIiOiI3In0."), None);
        assert_eq!(sessions().read("a.b.c"), None);
    }
}
