//! What every use case is given.

use crate::{accounts::Auth, blocking::Bridge};

/// The application: made once at start, shared by all requests.
pub struct App {
    /// The way to the database and to threads that may block.
    pub bridge: Bridge,
    /// What accounts need: keys, lifetimes, lists.
    pub auth: Auth,
}
