//! `GET /chats`

use super::view::ChatView;
use crate::{
    caller::ProvedWithin,
    error::ApiResult,
    routes::page::PageQuery,
    validate::{Checked, Fields, FromFields, Query},
};
use actix_web::web::{Data, Json};
use lectern_domain::page::Page;
use lectern_service::{app::App, conversations::list_chats};

/// The query.
pub(super) struct ChatsQuery(Page);

impl FromFields for ChatsQuery {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let page = PageQuery::read(fields);
        let descending = fields.or("desc", || false);
        Some(Self(page?.page(descending?)))
    }
}

pub(super) async fn get(
    app: Data<App>,
    Checked(who, Query(query)): Checked<ProvedWithin, Query<ChatsQuery>>,
) -> ApiResult<Json<Vec<ChatView>>> {
    let chats = list_chats(&app, who.0, query.0).await?;
    Ok(Json(chats.into_iter().map(ChatView::from).collect()))
}
