//! `lectern user`.

mod add;
mod delete;
mod disable;
mod list;
mod make_admin;
mod password;
mod set_password;

use crate::context::Context;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make an account that may sign in at once
    Add(add::Args),
    /// List the accounts
    List,
    /// Refuse an account: its sessions end, nothing is deleted
    Disable(Named),
    /// Give an account another password: its sessions end
    SetPassword(set_password::Args),
    /// Make an account an administrator
    MakeAdmin(Named),
    /// Delete an account with its chats, feedback and tokens
    Delete(Named),
}

/// An account.
#[derive(Debug, clap::Args)]
pub(crate) struct Named {
    /// The account's name or address
    user: String,
}

impl Command {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<()> {
        match self {
            Self::Add(args) => args.run(context).await,
            Self::List => list::run(context).await,
            Self::Disable(named) => disable::run(context, named.user).await,
            Self::SetPassword(args) => args.run(context).await,
            Self::MakeAdmin(named) => make_admin::run(context, named.user).await,
            Self::Delete(named) => delete::run(context, named.user).await,
        }
    }
}

/// Says what was done to an account.
fn done(context: &Context, user: &str, what: &str) -> anyhow::Result<()> {
    let json = serde_json::json!({ "user": user, "done": what });
    Ok(context.out.result(&json, format_args!("{user}: {what}\n"))?)
}
