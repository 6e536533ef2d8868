//! Accounts as who holds the machine handles them.

mod add;
mod delete;
mod disable;
mod list;
mod make_admin;
mod set_password;

use crate::ServiceError;
use lectern_domain::user::User;
use lectern_persistence::{Conn, repo::users};

pub use add::{NewAccount, add};
pub use delete::delete;
pub use disable::disable;
pub use list::list;
pub use make_admin::make_admin;
pub use set_password::set_password;

/// The account with that name or, where there is none, with that address.
fn named(c: &mut Conn, name: &str) -> Result<User, ServiceError> {
    if let Some(user) = users::find_by_username(c, name)? {
        return Ok(user);
    }
    users::find_by_email(c, &lectern_domain::email::email_key(name))?.ok_or(ServiceError::UserNotFound)
}
