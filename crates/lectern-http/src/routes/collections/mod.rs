//! Collections of documents.

mod create;
mod delete;
mod get;
mod list;
mod update;
mod values;
mod view;

pub(crate) use values::{COLLECTIONS_MAX, CollectionRefs, Metadata, plain};

use super::Endpoint;
use crate::{
    docs::Doc,
    validate::{Fields, FromFields},
};
use actix_web::http::Method;
use lectern_domain::collection::CollectionRef;
use lectern_service::ServiceError;
use serde_json::json;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let unknown = || ServiceError::UnknownCollection("docs".to_owned());
    let listed = json!({ "object": "list", "data": [view::example()], "first_id": view::ID, "last_id": view::ID, "has_more": false });
    vec![
        Endpoint::at("/api/v1/collections")
            .route(
                Method::POST,
                create::post,
                Doc::new("Makes a collection of the caller's. Its language and its fields stay; only administrators make public ones")
                    .like_openai()
                    .body(json!({ "name": "guides", "language": "fr", "fields": { "year": "number", "theme": "keyword" } }))
                    .answer(view::example())
                    .refuses([ServiceError::Forbidden, ServiceError::CollectionNameTaken, ServiceError::TooManyCollections { most: 100 }]),
            )
            .route(Method::GET, list::get, Doc::new("The collections that the caller may read").like_openai().answer(listed)),
        Endpoint::at("/api/v1/collections/{collection}")
            .route(
                Method::GET,
                get::get,
                Doc::new("A collection, by its id or its name, with the number of its documents")
                    .like_openai()
                    .answer(view::detailed_example())
                    .refuses([unknown()]),
            )
            .route(
                Method::PATCH,
                update::patch,
                Doc::new("Changes a collection's name, or who may read it; what is null or left out stays")
                    .like_openai()
                    .body(json!({ "name": "guides-2026" }))
                    .answer(view::example())
                    .refuses([unknown(), ServiceError::Forbidden, ServiceError::CollectionNameTaken]),
            )
            .route(
                Method::DELETE,
                delete::delete,
                Doc::new("Deletes a collection with everything in it: nobody finds any of it from the answer on")
                    .like_openai()
                    .answer(json!({ "id": view::ID, "object": "collection.deleted", "deleted": true }))
                    .refuses([unknown(), ServiceError::Forbidden]),
            ),
    ]
}

/// A path with a collection's id or name.
pub(super) struct CollectionPath(String);

impl FromFields for CollectionPath {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        fields.required("collection").map(Self)
    }
}

impl CollectionPath {
    /// The collection. What can be none is an unknown one.
    pub(super) fn named(self) -> Result<CollectionRef, ServiceError> {
        CollectionRef::parse(self.0.clone()).or(Err(ServiceError::UnknownCollection(self.0)))
    }
}
