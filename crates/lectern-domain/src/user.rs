//! Accounts.

use crate::ids::UserId;
use chrono::{DateTime, Utc};

/// An account. Its password's hash is not part of it: only sign-in reads that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The name that it signs in with.
    pub username: String,
    /// Its address, as it was typed.
    pub email: String,
    /// Whether an administrator let it in: not yet decided, refused, or confirmed.
    pub is_confirmed: Option<bool>,
    /// Whether it administers the installation.
    pub is_admin: bool,
    /// Whether cookies were accepted.
    pub accept_cookie: bool,
    /// Whether its conversations may be used to train models.
    pub accept_retrain: bool,
    /// The organisation, where one was given.
    pub organization_id: Option<String>,
    /// The organisation's name.
    pub organization_name: Option<String>,
    /// Session tokens that carry another number are refused: raised by a change of password, a refusal, a disabling.
    pub token_version: i32,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

/// An account to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// The name that it signs in with.
    pub username: String,
    /// Its address, as it was typed.
    pub email: String,
    /// The hash of its password, in PHC or modular crypt form.
    pub hashed_password: String,
    /// Whether it may sign in: not yet decided, refused, or confirmed.
    pub is_confirmed: Option<bool>,
    /// Whether it administers the installation.
    pub is_admin: bool,
    /// Whether cookies were accepted.
    pub accept_cookie: bool,
    /// Whether its conversations may be used to train models.
    pub accept_retrain: bool,
    /// The organisation, where one was given.
    pub organization_id: Option<String>,
    /// The organisation's name.
    pub organization_name: Option<String>,
}
