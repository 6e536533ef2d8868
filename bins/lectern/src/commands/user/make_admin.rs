//! `lectern user make-admin`.

use super::done;
use crate::context::Context;
use lectern_service::accounts::users;

/// Makes an account an administrator.
pub(super) async fn run(context: &Context, user: String) -> anyhow::Result<()> {
    let app = context.open_without_model().await?;
    users::make_admin(&app, user.clone()).await?;
    done(context, &user, "administrator")
}
