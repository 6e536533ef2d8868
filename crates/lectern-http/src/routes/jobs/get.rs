//! `GET /api/v1/jobs/{job_id}`

use super::{JobView, id};
use crate::{
    caller::CurrentUser,
    v1::{V1, V1Result},
    validate::{Fields, FromFields, Path},
};
use actix_web::web::{Data, Json};
use lectern_service::{ServiceError, app::App, uploads::status};

/// A path with a job's id.
pub(super) struct JobPath(String);

impl FromFields for JobPath {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        fields.required("job_id").map(Self)
    }
}

pub(super) async fn get(app: Data<App>, V1(who, Path(path)): V1<CurrentUser, Path<JobPath>>) -> V1Result<Json<JobView>> {
    let id = id(&path.0).ok_or(ServiceError::JobNotFound)?;
    Ok(Json(status(&app, who.principal(), id).await?.into()))
}
