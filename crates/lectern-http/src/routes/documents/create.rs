//! `POST /api/v1/documents`

use super::{form, sent::Sent};
use crate::routes::collections::Metadata;
use crate::{
    caller::CurrentUser,
    docs::Status,
    routes::jobs::JobView,
    v1::V1Result,
    validate::{FieldType, Fields, FromFields, Place, choice, json::Json},
};
use actix_web::web::{Bytes, Data};
use lectern_domain::{
    collection::CollectionRef,
    document::{ExternalId, Format},
    upload::About,
};
use lectern_service::{
    app::App,
    uploads::{NewFile, Receiving, status},
};

impl FieldType for Format {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        choice(value, place, &[Self::Text, Self::Markdown, Self::Html].map(|known| (known.as_str(), known)))
    }
}

impl FieldType for ExternalId {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        let text = String::read(value, place)?;
        Self::try_from(text).map_or_else(|rule| place.broken(&rule, value), Some)
    }
}

/// The body: a document.
pub(super) struct DocumentBody {
    file: NewFile,
    text: String,
}

impl FromFields for DocumentBody {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let collection = fields.required::<CollectionRef>("collection");
        let external_id = fields.required::<ExternalId>("external_id");
        let text = fields.required("text");
        let title = fields.maybe("title");
        let url = fields.maybe("url");
        let source = fields.maybe("source");
        let metadata = fields.maybe::<Metadata>("metadata");
        let format = fields.or("format", || Format::Text);
        fields.no_others();
        let external_id = external_id?;
        let about = About {
            external_id: Some(external_id.clone()),
            title: title?,
            url: url?,
            source: source?,
            metadata: metadata?.unwrap_or_default().0,
        };
        let file = NewFile { collection: collection?, name: external_id.to_string(), format: format?.into(), about };
        Some(Self { file, text: text? })
    }
}

pub(super) async fn post(app: Data<App>, sent: Sent<CurrentUser>) -> V1Result<Status<202, JobView>> {
    let app = app.into_inner();
    let (who, receiving) = match sent {
        Sent::Json(who, body) => {
            let mut receiving = Receiving::begin(&app, &who, body.file).await?;
            receiving.write(Bytes::from(body.text)).await?;
            (who, receiving)
        }
        Sent::Form(who, form) => {
            let receiving = form::receive(&app, &who, form).await?;
            (who, receiving)
        }
    };
    let id = receiving.finish().await?;
    Ok(Status(status(&app, who.principal(), id).await?.into()))
}
