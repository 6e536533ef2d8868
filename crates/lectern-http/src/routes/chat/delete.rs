//! `DELETE /chat/delete/{chat_id}`

use super::{ChatPath, view::ChatView};
use crate::{
    caller::CurrentUser,
    error::ApiResult,
    validate::{Checked, Path},
};
use actix_web::web::{Data, Json};
use lectern_service::{app::App, conversations::delete_chat};

pub(super) async fn delete(app: Data<App>, Checked(who, Path(path)): Checked<CurrentUser, Path<ChatPath>>) -> ApiResult<Json<ChatView>> {
    Ok(Json(delete_chat(&app, &who, path.chat_id).await?.into()))
}
