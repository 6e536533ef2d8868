//! What people think of answers.

mod add;
mod delete;
mod get;
mod list;

pub use add::add;
pub use delete::delete;
pub use get::get;
pub use list::list;
