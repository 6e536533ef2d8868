//! Rows of `collections`, `generations` and `embedding_models`.

use crate::{
    DbError,
    schema::{collections, embedding_models, generations},
    types::{JsonValue, Timestamp, UuidValue},
};
use diesel::prelude::*;
use lectern_domain::{
    collection::{Chunking, Collection, CollectionKey, Generation, Visibility},
    fields::FilterableFields,
    ids::{CollectionId, GenerationId, ModelId, UserId},
    model::{EmbeddingModel, EmbeddingModelSpec},
};

/// A row of `collections`.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = collections)]
pub(crate) struct CollectionRow {
    id: i32,
    uid: UuidValue,
    name: String,
    owner_id: Option<i32>,
    visibility: String,
    language: String,
    fields: JsonValue,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl TryFrom<CollectionRow> for Collection {
    type Error = DbError;

    fn try_from(row: CollectionRow) -> Result<Self, DbError> {
        Ok(Self {
            id: CollectionId(row.id),
            uid: row.uid.0,
            name: CollectionKey::name_in(&row.name).map_err(DbError::corrupt("collections"))?,
            owner: row.owner_id.map(UserId),
            visibility: if row.visibility == Visibility::Public.as_str() { Visibility::Public } else { Visibility::Private },
            language: row.language.parse().map_err(DbError::corrupt("collections"))?,
            fields: fields(row.fields)?,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        })
    }
}

/// A row to be added to `collections`.
#[derive(Debug, Insertable)]
#[diesel(table_name = collections)]
pub(crate) struct NewCollectionRow {
    pub(crate) uid: UuidValue,
    pub(crate) name: String,
    pub(crate) owner_id: Option<i32>,
    pub(crate) visibility: &'static str,
    pub(crate) language: &'static str,
    pub(crate) fields: JsonValue,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// A row of `generations`.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = generations)]
pub(crate) struct GenerationRow {
    id: i32,
    collection_id: i32,
    language: String,
    chunk_chars: i32,
    chunk_overlap: i32,
}

/// A row to be added to `generations`.
#[derive(Debug, Insertable)]
#[diesel(table_name = generations)]
pub(crate) struct NewGenerationRow {
    pub(crate) collection_id: i32,
    pub(crate) language: &'static str,
    pub(crate) chunk_chars: i32,
    pub(crate) chunk_overlap: i32,
    pub(crate) model_id: Option<i32>,
    pub(crate) created_at: Timestamp,
}

/// A row of `embedding_models`.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = embedding_models)]
pub(crate) struct ModelRow {
    id: i32,
    name: String,
    revision: String,
    dimensions: i32,
}

impl TryFrom<ModelRow> for EmbeddingModel {
    type Error = DbError;

    fn try_from(row: ModelRow) -> Result<Self, DbError> {
        let dimensions = u32::try_from(row.dimensions).map_err(DbError::corrupt("embedding_models"))?;
        Ok(Self { id: ModelId(row.id), spec: EmbeddingModelSpec { name: row.name, revision: row.revision, dimensions } })
    }
}

/// The fields that a collection declares. None are written for a collection of a version that could not declare any: it has the usual ones.
pub(crate) fn fields(column: JsonValue) -> Result<FilterableFields, DbError> {
    let fields: FilterableFields = serde_json::from_value(column.0).map_err(DbError::corrupt("collections"))?;
    Ok(if fields.is_empty() { FilterableFields::default() } else { fields })
}

/// A generation, from its row, its collection's fields and its model's row.
pub(crate) fn generation(row: GenerationRow, fields: FilterableFields, model: Option<ModelRow>) -> Result<Generation, DbError> {
    let chars = u32::try_from(row.chunk_chars).map_err(DbError::corrupt("generations"))?;
    let overlap = u32::try_from(row.chunk_overlap).map_err(DbError::corrupt("generations"))?;
    Ok(Generation {
        id: GenerationId(row.id),
        collection: CollectionId(row.collection_id),
        language: row.language.parse().map_err(DbError::corrupt("generations"))?,
        chunking: Chunking::new(chars, overlap).map_err(DbError::corrupt("generations"))?,
        fields,
        model: model.map(EmbeddingModel::try_from).transpose()?,
    })
}
