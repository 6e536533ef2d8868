//! `GET /get_chunk/{uid}`, `GET /get_sheet/{uid}` and their plurals. What is not there is an empty object, as in the reference.

use super::view::{self, FoundView};
use crate::{
    caller::CurrentUser,
    error::ApiResult,
    validate::{Body, Checked, Fields, FromFields, Path},
};
use actix_web::web::{Data, Json};
use lectern_service::{app::App, search};

/// The path.
pub(super) struct UidPath(String);

impl FromFields for UidPath {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        fields.required("uid").map(Self)
    }
}

/// The body of the plurals.
pub(super) struct UidsBody(Vec<String>);

impl FromFields for UidsBody {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        fields.required("uids").map(Self)
    }
}

pub(super) async fn chunk(app: Data<App>, Checked(who, Path(path)): Checked<CurrentUser, Path<UidPath>>) -> ApiResult<Json<FoundView>> {
    let found = search::chunks(&app, who.principal(), &[path.0]).await?;
    Ok(Json(found.into_iter().flatten().next().map_or_else(FoundView::none, view::chunk)))
}

pub(super) async fn chunks(
    app: Data<App>,
    Checked(who, Body(body)): Checked<CurrentUser, Body<UidsBody>>,
) -> ApiResult<Json<Vec<FoundView>>> {
    let found = search::chunks(&app, who.principal(), &body.0).await?;
    Ok(Json(found.into_iter().map(|chunk| chunk.map_or_else(FoundView::none, view::chunk)).collect()))
}

pub(super) async fn sheet(app: Data<App>, Checked(who, Path(path)): Checked<CurrentUser, Path<UidPath>>) -> ApiResult<Json<FoundView>> {
    let found = search::sheets(&app, who.principal(), &[path.0]).await?;
    Ok(Json(found.into_iter().flatten().next().map_or_else(FoundView::none, view::sheet)))
}

pub(super) async fn sheets(
    app: Data<App>,
    Checked(who, Body(body)): Checked<CurrentUser, Body<UidsBody>>,
) -> ApiResult<Json<Vec<FoundView>>> {
    let found = search::sheets(&app, who.principal(), &body.0).await?;
    Ok(Json(found.into_iter().map(|sheet| sheet.map_or_else(FoundView::none, view::sheet)).collect()))
}
