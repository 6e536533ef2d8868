//! `lectern user disable`.

use super::done;
use crate::context::Context;
use lectern_service::accounts::users;

/// Refuses an account.
pub(super) async fn run(context: &Context, user: String) -> anyhow::Result<()> {
    let app = context.open_without_model().await?;
    users::disable(&app, user.clone()).await?;
    done(context, &user, "disabled")
}
