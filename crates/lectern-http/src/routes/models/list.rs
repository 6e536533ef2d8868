//! `GET /models`

use super::view::{ModelView, ModelsView, PromptsView};
use crate::{caller::CurrentUser, error::ApiResult, validate::Checked};
use actix_web::web::{Data, Json};
use lectern_service::{
    answer::{AnswerModel, models},
    app::App,
};

pub(super) async fn get(app: Data<App>, Checked(_, ()): Checked<CurrentUser, ()>) -> ApiResult<Json<ModelsView>> {
    let prompts = PromptsView::from(app.prompts.describe());
    let view = |model: AnswerModel| {
        let prompts = model.answers.then(|| prompts.clone());
        ModelView { model: model.name, kind: model.kind, prompts }
    };
    Ok(Json(ModelsView(models(&app).into_iter().map(view).collect())))
}
