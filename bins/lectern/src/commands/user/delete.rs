//! `lectern user delete`.

use super::done;
use crate::context::Context;
use lectern_service::accounts::users;

/// Deletes an account.
pub(super) async fn run(context: &Context, user: String) -> anyhow::Result<()> {
    let app = context.open_without_model().await?;
    users::delete(&app, user.clone()).await?;
    done(context, &user, "deleted")
}
