//! `GET /chat/archive/{chat_id}`

use super::{ChatPath, view::ChatView};
use crate::{
    caller::CurrentUser,
    error::ApiResult,
    routes::stream::{self, StreamView},
    validate::{Checked, Path},
};
use actix_web::web::{Data, Json};
use lectern_service::{app::App, conversations::archive_chat};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// A chat with its streams.
#[derive(Serialize, ToSchema)]
pub(super) struct ArchiveView {
    #[serde(flatten)]
    chat: ChatView,
    streams: Vec<StreamView>,
}

pub(super) async fn get(app: Data<App>, Checked(who, Path(path)): Checked<CurrentUser, Path<ChatPath>>) -> ApiResult<Json<ArchiveView>> {
    let (chat, streams) = archive_chat(&app, &who, path.chat_id).await?;
    Ok(Json(ArchiveView { chat: chat.into(), streams: streams.into_iter().map(StreamView::from).collect() }))
}

/// An example for the documentation.
pub(super) fn example() -> Value {
    let mut chat = super::view::example();
    chat["streams"] = json!([stream::example()]);
    chat
}
