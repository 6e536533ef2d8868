//! `GET /api/v1/collections/{collection}`

use super::{CollectionPath, view::CollectionView};
use crate::{
    caller::CurrentUser,
    v1::{V1, V1Result},
    validate::Path,
};
use actix_web::web::{Data, Json};
use lectern_service::{app::App, corpora};

pub(super) async fn get(app: Data<App>, V1(who, Path(path)): V1<CurrentUser, Path<CollectionPath>>) -> V1Result<Json<CollectionView>> {
    Ok(Json(corpora::get(&app, who.principal(), path.named()?).await?.into()))
}
