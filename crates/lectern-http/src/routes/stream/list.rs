//! `GET /streams`

use super::view::StreamView;
use crate::{
    caller::CurrentUser,
    error::ApiResult,
    routes::page::PageQuery,
    validate::{Checked, Fields, FromFields, Query},
};
use actix_web::web::{Data, Json};
use lectern_domain::{ids::ChatId, page::Page};
use lectern_service::{app::App, conversations::list_streams};

/// The query.
pub(super) struct StreamsQuery {
    chat: Option<ChatId>,
    page: Page,
}

impl FromFields for StreamsQuery {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let page = PageQuery::read(fields);
        let chat = fields.maybe("chat_id");
        let descending = fields.or("desc", || false);
        Some(Self { chat: chat?, page: page?.page(descending?) })
    }
}

pub(super) async fn get(
    app: Data<App>,
    Checked(who, Query(query)): Checked<CurrentUser, Query<StreamsQuery>>,
) -> ApiResult<Json<Vec<StreamView>>> {
    let streams = list_streams(&app, &who, query.chat, query.page).await?;
    Ok(Json(streams.into_iter().map(StreamView::from).collect()))
}
