//! What a row of another program says.
//!
//! Three forms are known: LangChain's (`page_content` or `text`, and an object `metadata`), that of the reference's chunks and sheets (`text`, `title`,
//! `context` …) and that of its experiences (`titre`, `description`, `reponse_structure_1`). What else a row has becomes metadata.

use lectern_corpus::CorpusSettings;
use lectern_domain::{
    chunk::Passage,
    document::{ExternalId, Format, NewDocument},
};
use lectern_vector_store::seed::SeedRow;
use serde_json::{Map, Value};

/// A row that is understood: a document, and where it has a vector, that of the document's one passage.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Understood {
    pub(super) document: NewDocument,
    pub(super) passage: Passage,
    pub(super) vector: Option<Vec<f32>>,
}

/// Reads a row; `with_vector` of those that have vectors.
///
/// # Errors
/// What is not understood.
pub(super) fn understand(row: SeedRow, with_vector: bool, limits: &CorpusSettings) -> Result<Understood, String> {
    let vector = row.vector;
    if with_vector && vector.is_none() {
        return Err("it has no vector, or one that is no list of numbers".to_owned());
    }
    if !vector.iter().flatten().all(|component| component.is_finite()) {
        return Err("its vector holds what is not a finite number".to_owned());
    }
    let mut fields = without_nul(row.fields);
    let text = text(&mut fields)?;
    if text.trim().is_empty() {
        return Err("its text is empty".to_owned());
    }
    if text.len() > limits.max_file_bytes {
        return Err(format!("its text is larger than {} bytes; raise corpus.max_document_bytes", limits.max_file_bytes));
    }
    if let Some(metadata) = fields.shift_remove("metadata") {
        merge(&mut fields, metadata)?;
    }
    let title = match take(&mut fields, "title")? {
        Some(title) => title,
        None => take(&mut fields, "titre")?.unwrap_or_default(),
    };
    let heading = heading(fields.get("context"))?;
    let document = NewDocument {
        external_id: ExternalId::try_from(row.id).map_err(|invalid| invalid.message)?,
        title,
        url: take(&mut fields, "url")?,
        source: take(&mut fields, "source")?,
        metadata: fields,
        format: Format::Text,
        text: text.clone(),
    };
    Ok(Understood { document, passage: Passage { heading, text }, vector })
}

fn text(fields: &mut Map<String, Value>) -> Result<String, String> {
    for name in ["page_content", "text"] {
        if let Some(text) = take(fields, name)? {
            return Ok(text);
        }
    }
    let parts = [take(fields, "description")?, take(fields, "reponse_structure_1")?];
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        let names: Vec<&str> = fields.keys().map(String::as_str).collect();
        return Err(format!("it has none of the fields page_content, text and description; it has {}", names.join(", ")));
    }
    Ok(parts.join("\n\n"))
}

/// Takes a field that is text; null is as good as absent.
fn take(fields: &mut Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match fields.shift_remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("its field {name} is no text")),
    }
}

/// What stands in `metadata` belongs beside the other fields.
fn merge(fields: &mut Map<String, Value>, metadata: Value) -> Result<(), String> {
    let metadata = match metadata {
        Value::Null => return Ok(()),
        Value::Object(metadata) => metadata,
        _ => return Err("its field metadata is no object".to_owned()),
    };
    for (name, value) in metadata {
        match fields.get(&name) {
            Some(other) if *other != value => return Err(format!("its field {name} and metadata.{name} differ")),
            _ => fields.insert(name, value),
        };
    }
    Ok(())
}

/// The headings above a passage: a text, or a list of them.
fn heading(context: Option<&Value>) -> Result<String, String> {
    match context {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(heading)) => Ok(heading.clone()),
        Some(Value::Array(headings)) => {
            let headings: Option<Vec<&str>> = headings.iter().map(Value::as_str).collect();
            headings.map(|headings| headings.join(" > ")).ok_or_else(|| "its field context is no list of texts".to_owned())
        }
        Some(_) => Err("its field context is neither a text nor a list of them".to_owned()),
    }
}

/// The same without U+0000, which PostgreSQL can't store.
fn without_nul(fields: Map<String, Value>) -> Map<String, Value> {
    fn value(from: Value) -> Value {
        match from {
            Value::String(text) => Value::String(text.replace('\0', "")),
            Value::Array(items) => Value::Array(items.into_iter().map(value).collect()),
            Value::Object(fields) => Value::Object(without_nul(fields)),
            other => other,
        }
    }
    fields.into_iter().map(|(name, of)| (name.replace('\0', ""), value(of))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(fields: Value) -> SeedRow {
        SeedRow { id: "a".to_owned(), fields: fields.as_object().cloned().unwrap(), vector: Some(vec![1.0, 0.0]) }
    }

    fn read(fields: Value) -> Result<Understood, String> {
        understand(row(fields), true, &CorpusSettings::default())
    }

    #[test]
    fn the_known_forms_are_understood() {
        let check = |fields: Value, text: &str, title: &str, heading: &str, metadata: Value| {
            let found = read(fields).unwrap();
            assert_eq!((found.passage.text.as_str(), found.document.text.as_str()), (text, text));
            assert_eq!((found.document.title.as_str(), found.passage.heading.as_str()), (title, heading));
            assert_eq!(Value::Object(found.document.metadata), metadata);
        };
        check(json!({"page_content": "x", "metadata": {"title": "T", "page": 3}}), "x", "T", "", json!({"page": 3}));
        check(json!({"text": "x", "metadata": null}), "x", "", "", json!({}));
        check(
            json!({"text": "x", "title": "T", "context": ["A", "B"], "sid": "s", "introduction": "i\u{0}"}),
            "x",
            "T",
            "A > B",
            json!({"context": ["A", "B"], "sid": "s", "introduction": "i"}),
        );
        check(
            json!({"titre": "T", "description": "d", "reponse_structure_1": "r", "intitule_typologie_1": "t"}),
            "d\n\nr",
            "T",
            "",
            json!({"intitule_typologie_1": "t"}),
        );
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let refused = |fields: Value| read(fields).unwrap_err();
        assert!(refused(json!({"body": "x"})).contains("it has body"));
        assert!(refused(json!({"text": 1})).contains("field text"));
        assert!(refused(json!({"text": " "})).contains("empty"));
        assert!(refused(json!({"text": "x", "metadata": []})).contains("metadata"));
        assert!(refused(json!({"text": "x", "source": "a", "metadata": {"source": "b"}})).contains("metadata.source differ"));
        assert!(refused(json!({"text": "x", "context": {"a": 1}})).contains("context"));
        let with =
            |vector, with_vector| understand(SeedRow { vector, ..row(json!({"text": "x"})) }, with_vector, &CorpusSettings::default());
        assert!(with(None, true).unwrap_err().contains("no vector"));
        assert!(with(Some(vec![f32::NAN]), true).unwrap_err().contains("finite"));
        assert_eq!(with(None, false).unwrap().vector, None);
    }
}
