//! `lectern user add`.

use super::password::PasswordArgs;
use crate::context::Context;
use anyhow::ensure;
use lectern_domain::{Invalid, email::EmailAddress};
use lectern_service::accounts::users::{self, NewAccount};
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The name to sign in with
    username: String,
    /// The e-mail address
    #[arg(value_parser = address)]
    email: EmailAddress,
    /// Make it an administrator
    #[arg(long)]
    admin: bool,
    #[command(flatten)]
    password: PasswordArgs,
}

fn address(text: &str) -> Result<EmailAddress, Invalid> {
    EmailAddress::try_from(text)
}

impl Args {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<()> {
        ensure!(!self.username.trim().is_empty(), "the name of an account cannot be blank");
        let (password, shown) = self.password.choose()?;
        let app = context.open_without_model().await?;
        let account = NewAccount { username: self.username, email: self.email, password, is_admin: self.admin };
        let user = users::add(&app, account).await?;
        let mut json = json!({ "id": user.id, "username": user.username, "email": user.email, "is_admin": user.is_admin });
        let mut text = format!("{}: added\n", user.username);
        if let Some(password) = shown {
            text.push_str(&format!("password: {password}\n"));
            json["password"] = password.into();
        }
        Ok(context.out.result(&json, text)?)
    }
}
