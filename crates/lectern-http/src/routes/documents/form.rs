//! A form with a file, read part by part: the file is in memory a piece at a time, and in the database as it comes.

use crate::{
    openai::{OpenAiError, Wrong},
    routes::collections::Metadata,
    v1::{V1Error, V1Result},
    validate::{
        FieldType, Place, choice,
        errors::Mistakes,
        json::{Json, parse},
    },
};
use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{
    http::StatusCode,
    rt::time::timeout,
    web::{Bytes, BytesMut},
};
use futures_util::{Stream, StreamExt as _};
use lectern_domain::{
    collection::CollectionRef,
    upload::{About, UploadFormat},
};
use lectern_service::{
    accounts::Caller,
    app::App,
    uploads::{NewFile, Receiving, format_of},
};
use std::{sync::Arc, time::Duration};

/// How long the next bytes are waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The most bytes of a part that is not the file.
const PART_MAX: usize = 64 * 1024;

/// The longest name of a file, in characters: as long as a document's id.
const NAME_MAX: usize = 500;

/// The most parts.
const PARTS_MAX: usize = 32;

impl FieldType for UploadFormat {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        choice(value, place, &Self::ALL.map(|known| (known.as_str(), known)))
    }
}

/// What the parts before the file say.
#[derive(Default)]
struct Said {
    collection: Option<CollectionRef>,
    format: Option<UploadFormat>,
    about: About,
}

/// Takes the file of a form.
///
/// # Errors
/// What is wrong with the form, or with its file; the refusals of [`Receiving`].
pub(super) async fn receive(app: &Arc<App>, who: &Caller, mut form: Multipart) -> V1Result<Receiving> {
    let mut said = Said::default();
    for _ in 0..PARTS_MAX {
        let Some(mut part) = next(&mut form).await? else {
            return Err(OpenAiError::new(Wrong::Missing, "file", "").into());
        };
        let name = part.name().unwrap_or_default().to_owned();
        if name != "file" {
            let bytes = small(&mut part, &name).await?;
            said.take(&name, &bytes)?;
            continue;
        }
        let mut receiving = Receiving::begin(app, who, said.file(&part)?).await?;
        while let Some(bytes) = next(&mut part).await? {
            receiving.write(bytes).await?;
        }
        drop(part);
        return match next(&mut form).await? {
            None => Ok(receiving),
            Some(_) => Err(OpenAiError::new(Wrong::Value, "file", "it is the last part of the form: send the others before it").into()),
        };
    }
    Err(OpenAiError::refused(StatusCode::BAD_REQUEST, "invalid_form", "The form has too many parts.").into())
}

/// The next thing of a stream, within a while.
async fn next<T>(stream: &mut (impl Stream<Item = Result<T, MultipartError>> + Unpin)) -> V1Result<Option<T>> {
    match timeout(PATIENCE, stream.next()).await {
        Ok(item) => item.transpose().map_err(unreadable),
        Err(_elapsed) => {
            let why = format!("The next bytes did not come within {} seconds.", PATIENCE.as_secs());
            Err(OpenAiError::refused(StatusCode::REQUEST_TIMEOUT, "timeout", why).into())
        }
    }
}

fn unreadable(error: MultipartError) -> V1Error {
    OpenAiError::refused(StatusCode::BAD_REQUEST, "invalid_form", format!("The form cannot be read: {error}.")).into()
}

/// A part that is a value.
async fn small(part: &mut Field, name: &str) -> V1Result<Bytes> {
    let mut bytes = BytesMut::new();
    while let Some(more) = next(part).await? {
        if bytes.len() + more.len() > PART_MAX {
            return Err(OpenAiError::new(Wrong::Value, name, format!("it is at most {PART_MAX} bytes long")).into());
        }
        bytes.extend_from_slice(&more);
    }
    Ok(bytes.freeze())
}

impl Said {
    /// Reads a value; parts that are not known are ignored.
    fn take(&mut self, name: &str, bytes: &[u8]) -> V1Result<()> {
        let text = || {
            let text = std::str::from_utf8(bytes).map(|text| Json::Text(text.to_owned()));
            text.or(Err(OpenAiError::new(Wrong::Value, name, "it is not UTF-8")))
        };
        match name {
            "collection" => self.collection = Some(value("collection", &text()?)?),
            "format" => self.format = Some(value("format", &text()?)?),
            "external_id" => self.about.external_id = Some(value("external_id", &text()?)?),
            "title" => self.about.title = Some(value("title", &text()?)?),
            "url" => self.about.url = Some(value("url", &text()?)?),
            "source" => self.about.source = Some(value("source", &text()?)?),
            "metadata" => {
                let json = parse(bytes).or(Err(OpenAiError::new(Wrong::Value, "metadata", "it is not JSON")))?;
                self.about.metadata = value::<Metadata>("metadata", &json)?.0;
            }
            _ => {}
        }
        Ok(())
    }

    /// The file that is about to come.
    fn file(self, part: &Field) -> V1Result<NewFile> {
        let collection = self.collection.ok_or_else(|| OpenAiError::new(Wrong::Missing, "collection", ""))?;
        let name = part.content_disposition().and_then(|told| told.get_filename()).unwrap_or_default();
        let name: String = name.chars().filter(|letter| !letter.is_control()).take(NAME_MAX).collect();
        let kind = part.content_type().map(|kind| kind.essence_str().to_owned());
        let format = self.format.or_else(|| format_of(&name, kind.as_deref())).ok_or_else(|| {
            let known = "jsonl, md, markdown, txt, html, htm";
            let why = format!(
                "The file's format is not known: name it by its extension ({known}), or send format (jsonl, text, markdown or html)."
            );
            OpenAiError::refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_format", why)
        })?;
        Ok(NewFile { collection, name, format, about: self.about })
    }
}

/// A value as JSON has it too.
fn value<T: FieldType>(name: &'static str, json: &Json) -> Result<T, OpenAiError> {
    let mut mistakes = Mistakes::default();
    let read = T::read(json, &mut Place::new("body", name, &mut mistakes));
    match (read, mistakes.into_first()) {
        (Some(read), None) => Ok(read),
        (_, Some(mistake)) => Err(OpenAiError::of_mistake(mistake)),
        (None, None) => Err(OpenAiError::new(Wrong::Value, name, "it cannot be read")),
    }
}
