//! Settings from given sources; nothing here touches the environment of the process.

mod database;
mod deploy;
mod page;
mod precedence;
mod refused;
mod secrets;
mod support;
mod values;
