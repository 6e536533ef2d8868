//! Accounts and what proves who is calling.

mod auth;
pub mod authenticate;
pub mod confirm;
pub mod contact;
pub mod first_admin;
mod hashing;
pub mod lists;
pub mod organizations;
pub mod password_reset;
pub mod register;
pub mod secret;
mod session;
pub mod sign_in;
pub mod sign_out;
pub mod tokens;
pub mod users;

pub use auth::{Auth, AuthOptions};
pub use authenticate::{Caller, Credential, Presented, authenticate};
pub use first_admin::{first_admin, random_password};
pub use organizations::Organizations;
pub use register::register;
pub use secret::SecretKey;
pub use sign_in::sign_in;
pub use sign_out::sign_out;
