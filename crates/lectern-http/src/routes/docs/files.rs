//! `GET /api/docs/{file}`: what the pages load. `assets/README.md` says where the files come from.

use crate::{
    caller::Anyone,
    error::plain,
    validate::{Checked, Fields, FromFields, Path},
};
use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
};

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Name, content type, content.
const FILES: [(&str, &str, &str); 5] = [
    ("swagger-ui-bundle.js", SCRIPT, include_str!("../../../assets/swagger-ui-bundle.js")),
    ("swagger-ui.css", "text/css; charset=utf-8", include_str!("../../../assets/swagger-ui.css")),
    ("swagger-ui-start.js", SCRIPT, include_str!("../../../assets/swagger-ui-start.js")),
    ("redoc.standalone.js", SCRIPT, include_str!("../../../assets/redoc.standalone.js")),
    ("redoc-start.js", SCRIPT, include_str!("../../../assets/redoc-start.js")),
];

/// The path.
pub(super) struct FilePath(String);

impl FromFields for FilePath {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        fields.required("file").map(Self)
    }
}

pub(super) async fn get(Checked(Anyone, Path(path)): Checked<Anyone, Path<FilePath>>) -> HttpResponse {
    match FILES.iter().find(|(name, ..)| *name == path.0) {
        Some((_, kind, content)) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, *kind))
            .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((CACHE_CONTROL, "max-age=3600"))
            .body(*content),
        None => plain(StatusCode::NOT_FOUND, "Not Found"),
    }
}
