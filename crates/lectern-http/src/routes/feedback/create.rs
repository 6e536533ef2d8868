//! `POST /feedback/add/{stream_id}`

use super::view::FeedbackView;
use crate::{
    caller::CurrentUser,
    error::ApiResult,
    routes::stream::StreamPath,
    validate::{Body, Checked, FieldType, Fields, FromFields, Path, Place, choice, json::Json as JsonValue},
};
use actix_web::web::{Data, Json};
use lectern_domain::feedback::{FeedbackType, Negative, NewFeedback, Positive};
use lectern_service::{app::App, feedback::add};

impl FieldType for FeedbackType {
    fn read(value: &JsonValue, place: &mut Place<'_>) -> Option<Self> {
        choice(value, place, &words(Self::ALL, Self::as_str))
    }
}

impl FieldType for Positive {
    fn read(value: &JsonValue, place: &mut Place<'_>) -> Option<Self> {
        choice(value, place, &words(Self::ALL, Self::as_str))
    }
}

impl FieldType for Negative {
    fn read(value: &JsonValue, place: &mut Place<'_>) -> Option<Self> {
        choice(value, place, &words(Self::ALL, Self::as_str))
    }
}

fn words<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> Vec<(&'static str, T)> {
    all.iter().map(|&known| (word(known), known)).collect()
}

/// The body.
pub(super) struct NewFeedbackBody(NewFeedback);

impl FromFields for NewFeedbackBody {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let feedback_type = fields.required("type");
        let note = fields.maybe("note");
        let positives = fields.maybe("positives");
        let negatives = fields.maybe("negatives");
        let is_good = fields.maybe("is_good");
        let message = fields.maybe("message");
        let feedback = NewFeedback {
            feedback_type: feedback_type?,
            note: note?,
            positives: positives?,
            negatives: negatives?,
            is_good: is_good?,
            message: message?,
        };
        if let Err(rule) = feedback.check() {
            fields.broken_rule(&rule.message);
            return None;
        }
        Some(Self(feedback))
    }
}

pub(super) async fn post(
    app: Data<App>,
    Checked(who, (Path(path), Body(body))): Checked<CurrentUser, (Path<StreamPath>, Body<NewFeedbackBody>)>,
) -> ApiResult<Json<FeedbackView>> {
    Ok(Json(add(&app, &who, path.stream_id, body.0).await?.into()))
}
