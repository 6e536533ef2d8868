//! `POST /chat`

use super::view::ChatView;
use crate::{
    caller::CurrentUser,
    error::ApiResult,
    validate::{Body, Checked, FieldType, Fields, FromFields, Place, choice, json::Json as JsonValue},
};
use actix_web::web::{Data, Json};
use lectern_domain::chat::{ChatType, NewChat};
use lectern_service::{app::App, conversations::create_chat};

impl FieldType for ChatType {
    fn read(value: &JsonValue, place: &mut Place<'_>) -> Option<Self> {
        let words = [Self::Evaluations, Self::Meeting].map(|known| (known.as_str(), known));
        choice(value, place, &words)
    }
}

/// The body.
pub(super) struct NewChatBody(NewChat);

impl FromFields for NewChatBody {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let chat_type = fields.required("chat_type");
        let operators = fields.maybe("operators");
        let themes = fields.maybe("themes");
        Some(Self(NewChat { chat_type: chat_type?, operators: operators?, themes: themes? }))
    }
}

pub(super) async fn post(app: Data<App>, Checked(who, Body(body)): Checked<CurrentUser, Body<NewChatBody>>) -> ApiResult<Json<ChatView>> {
    Ok(Json(create_chat(&app, &who, body.0).await?.into()))
}
