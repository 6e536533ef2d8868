//! `lectern user list`.

use crate::context::Context;
use lectern_domain::user::User;
use lectern_service::accounts::users;
use serde_json::{Value, json};

/// Lists every account, oldest first.
pub(super) async fn run(context: &Context) -> anyhow::Result<()> {
    let app = context.open_without_model().await?;
    let users = users::list(&app).await?;
    let json: Vec<Value> = users.iter().map(view).collect();
    let lines: String = users.iter().map(line).collect();
    Ok(context.out.result(&json, lines)?)
}

fn view(user: &User) -> Value {
    json!({
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "is_confirmed": user.is_confirmed,
        "is_admin": user.is_admin,
        "created_at": user.created_at.map(|time| time.to_rfc3339()),
    })
}

fn line(user: &User) -> String {
    let state = match user.is_confirmed {
        None => "waits for confirmation",
        Some(true) => "confirmed",
        Some(false) => "refused",
    };
    let admin = if user.is_admin { ", administrator" } else { "" };
    format!("{}\t{}\t{}\t{state}{admin}\n", user.id, user.username, user.email)
}
