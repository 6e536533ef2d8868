//! `POST /api/v1/collections`

use super::view::CollectionView;
use crate::{
    caller::CurrentUser,
    docs::Status,
    v1::{V1, V1Result},
    validate::{Body, Fields, FromFields},
};
use actix_web::web::Data;
use lectern_domain::{collection::Visibility, fields::FilterableFields};
use lectern_service::{
    app::App,
    corpora::{WantedCollection, create},
};

/// The body.
pub(super) struct NewCollectionBody(WantedCollection);

impl FromFields for NewCollectionBody {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name");
        let visibility = fields.or("visibility", || Visibility::Private);
        let language = fields.maybe("language");
        let declared = fields.maybe::<FilterableFields>("fields");
        fields.no_others();
        Some(Self(WantedCollection { name: name?, visibility: visibility?, language: language?, fields: declared?.unwrap_or_default() }))
    }
}

pub(super) async fn post(
    app: Data<App>,
    V1(who, Body(body)): V1<CurrentUser, Body<NewCollectionBody>>,
) -> V1Result<Status<201, CollectionView>> {
    Ok(Status(create(&app, &who, body.0).await?.collection.into()))
}
