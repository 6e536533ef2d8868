//! `GET /organizations/mfs`

use crate::{caller::Anyone, error::ApiResult, validate::Checked};
use actix_web::web::{Data, Json};
use lectern_service::app::App;
use serde::Serialize;
use utoipa::ToSchema;

/// An organisation.
#[derive(Serialize, ToSchema)]
pub(super) struct OrganizationView {
    id: String,
    name: String,
}

pub(super) async fn get(app: Data<App>, Checked(Anyone, ()): Checked<Anyone, ()>) -> ApiResult<Json<Vec<OrganizationView>>> {
    let organizations = app.auth.organizations.list().iter();
    Ok(Json(organizations.map(|(id, name)| OrganizationView { id: id.clone(), name: name.clone() }).collect()))
}
