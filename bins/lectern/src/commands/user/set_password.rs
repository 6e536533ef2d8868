//! `lectern user set-password`.

use super::password::PasswordArgs;
use crate::context::Context;
use lectern_service::accounts::users;
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The account's name or address
    user: String,
    #[command(flatten)]
    password: PasswordArgs,
}

impl Args {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<()> {
        let (password, shown) = self.password.choose()?;
        let app = context.open_without_model().await?;
        users::set_password(&app, self.user.clone(), password).await?;
        let mut json = json!({ "user": self.user, "done": "new password" });
        let mut text = format!("{}: new password\n", self.user);
        if let Some(password) = shown {
            text.push_str(&format!("password: {password}\n"));
            json["password"] = password.into();
        }
        Ok(context.out.result(&json, text)?)
    }
}
