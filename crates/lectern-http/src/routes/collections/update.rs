//! `PATCH /api/v1/collections/{collection}`

use super::{CollectionPath, view::CollectionView};
use crate::{
    caller::CurrentUser,
    v1::{V1, V1Result},
    validate::{Body, Fields, FromFields, Path},
};
use actix_web::web::{Data, Json};
use lectern_service::{
    app::App,
    corpora::{CollectionChange, change},
};

/// The body.
pub(super) struct CollectionChangeBody(CollectionChange);

impl FromFields for CollectionChangeBody {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.maybe("name");
        let visibility = fields.maybe("visibility");
        fields.no_others();
        Some(Self(CollectionChange { name: name?, visibility: visibility? }))
    }
}

pub(super) async fn patch(
    app: Data<App>,
    V1(who, (Path(path), Body(body))): V1<CurrentUser, (Path<CollectionPath>, Body<CollectionChangeBody>)>,
) -> V1Result<Json<CollectionView>> {
    Ok(Json(change(&app, &who, path.named()?, body.0).await?.into()))
}
