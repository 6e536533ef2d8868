//! `POST /chat/{chat_id}`

use super::{ChatPath, view::ChatView};
use crate::{
    caller::CurrentUser,
    error::ApiResult,
    validate::{Body, Checked, Fields, FromFields, Path},
};
use actix_web::web::{Data, Json};
use lectern_domain::chat::ChatChange;
use lectern_service::{app::App, conversations::update_chat};

/// The body.
pub(super) struct ChatChangeBody(ChatChange);

impl FromFields for ChatChangeBody {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.maybe("chat_name");
        let chat_type = fields.maybe("chat_type");
        Some(Self(ChatChange { name: name?, chat_type: chat_type? }))
    }
}

pub(super) async fn post(
    app: Data<App>,
    Checked(who, (Path(path), Body(body))): Checked<CurrentUser, (Path<ChatPath>, Body<ChatChangeBody>)>,
) -> ApiResult<Json<ChatView>> {
    Ok(Json(update_chat(&app, &who, path.chat_id, body.0).await?.into()))
}
