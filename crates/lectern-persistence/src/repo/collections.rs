//! Collections and the generations that index them.

use crate::{
    Conn, DbError,
    conn::with_conn,
    rows::collection::{CollectionRow, GenerationRow, ModelRow, NewCollectionRow, NewGenerationRow, fields, generation},
    schema::{collections, current_generations, embedding_models, generations},
    types::{JsonValue, Timestamp, UuidValue},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use lectern_domain::{
    access::Readable,
    collection::{Chunking, Collection, CollectionKey, CollectionName, Generation, Visibility},
    fields::FilterableFields,
    ids::{CollectionId, GenerationId, ModelId, UserId},
    language::Language,
    model::EmbeddingModel,
    page::Following,
};
use uuid::Uuid;

/// A collection to be made.
#[derive(Debug, Clone)]
pub struct NewCollection {
    /// Its name.
    pub name: CollectionName,
    /// Its owner; none for what the operator makes.
    pub owner: Option<UserId>,
    /// Who may read it.
    pub visibility: Visibility,
    /// Its language.
    pub language: Language,
    /// The metadata fields that it can be searched by.
    pub fields: FilterableFields,
}

/// Makes a collection. The `uid` of a shared one follows from its name, unless a collection that was renamed has that one still.
///
/// # Errors
/// [`DbError::UniqueViolation`] where the name is taken.
pub fn insert(conn: &mut Conn, new: &NewCollection, now: DateTime<Utc>) -> Result<Collection, DbError> {
    let key = CollectionKey::new(new.owner, new.visibility, &new.name);
    let named = UuidValue(new.name.uid());
    let taken = collections::table.filter(collections::uid.eq(named)).count();
    let shared = key.as_str() == new.name.as_str();
    let free = shared && with_conn!(&mut *conn, c => taken.get_result::<i64>(c))? == 0;
    let row = NewCollectionRow {
        uid: if free { named } else { UuidValue(Uuid::new_v4()) },
        name: key.as_str().to_owned(),
        owner_id: new.owner.map(|owner| owner.0),
        visibility: new.visibility.as_str(),
        language: new.language.code(),
        fields: JsonValue(serde_json::to_value(&new.fields).map_err(DbError::corrupt("collections"))?),
        created_at: Timestamp(now),
        updated_at: Timestamp(now),
    };
    let insert = diesel::insert_into(collections::table).values(&row);
    with_conn!(conn, c => insert.returning(CollectionRow::as_returning()).get_result(c))?.try_into()
}

/// Makes a generation for a collection and returns its id; it is not the current one yet.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn insert_generation(
    conn: &mut Conn,
    collection: CollectionId,
    language: Language,
    chunking: Chunking,
    model: Option<ModelId>,
    now: DateTime<Utc>,
) -> Result<GenerationId, DbError> {
    let row = NewGenerationRow {
        collection_id: collection.0,
        language: language.code(),
        chunk_chars: i32::try_from(chunking.chars()).map_err(DbError::corrupt("generations"))?,
        chunk_overlap: i32::try_from(chunking.overlap()).map_err(DbError::corrupt("generations"))?,
        model_id: model.map(|model| model.0),
        created_at: Timestamp(now),
    };
    let insert = diesel::insert_into(generations::table).values(&row).returning(generations::id);
    Ok(GenerationId(with_conn!(conn, c => insert.get_result(c))?))
}

/// Makes a generation the one that its collection is searched by.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn set_current(conn: &mut Conn, collection: CollectionId, generation: GenerationId) -> Result<(), DbError> {
    let row = (current_generations::collection_id.eq(collection.0), current_generations::generation_id.eq(generation.0));
    with_conn!(conn, c => diesel::insert_into(current_generations::table)
        .values(row)
        .on_conflict(current_generations::collection_id)
        .do_update()
        .set(current_generations::generation_id.eq(generation.0))
        .execute(c))?;
    Ok(())
}

/// Gives a generation without a model its first one; `false` where it has one already.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn pin_model(conn: &mut Conn, generation: GenerationId, model: ModelId) -> Result<bool, DbError> {
    let unpinned = generations::table.filter(generations::id.eq(generation.0)).filter(generations::model_id.is_null());
    let update = diesel::update(unpinned).set(generations::model_id.eq(model.0));
    Ok(with_conn!(conn, c => update.execute(c))? == 1)
}

/// Which collections are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// Those that somebody may read.
    Readable(Readable),
    /// Those with one of these keys, or one of the ids by which the outside knows them.
    These(Vec<CollectionKey>, Vec<Uuid>),
    /// Those with one of these ids.
    Ids(Vec<CollectionId>),
}

/// Collections with their current generations, by key. One that is being deleted has none and is not among them.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn with_generation(conn: &mut Conn, which: &Which) -> Result<Vec<(Collection, Generation)>, DbError> {
    let rows: Vec<(CollectionRow, GenerationRow, Option<ModelRow>)> = with_conn!(conn, c => {
        let mut query = collections::table
            .inner_join(current_generations::table.inner_join(generations::table.left_join(embedding_models::table)))
            .select((CollectionRow::as_select(), GenerationRow::as_select(), Option::<ModelRow>::as_select()))
            .order(collections::name)
            .into_boxed();
        match which {
            Which::Readable(Readable::All) => {}
            Which::Readable(Readable::PublicAndOf(user)) => {
                query = query.filter(collections::visibility.eq(Visibility::Public.as_str()).or(collections::owner_id.eq(user.0).assume_not_null()));
            }
            Which::These(keys, uids) => match (keys.as_slice(), uids.as_slice()) {
                // The usual cases: SQLite keeps these statements prepared, and no lists of values.
                ([key], []) => query = query.filter(collections::name.eq(key.as_str())),
                ([], [uid]) => query = query.filter(collections::uid.eq(UuidValue(*uid))),
                _ => {
                    let keys: Vec<&str> = keys.iter().map(CollectionKey::as_str).collect();
                    let uids: Vec<UuidValue> = uids.iter().copied().map(UuidValue).collect();
                    query = query.filter(collections::name.eq_any(keys).or(collections::uid.eq_any(uids)));
                }
            },
            Which::Ids(ids) => query = query.filter(collections::id.eq_any(ids.iter().map(|id| id.0).collect::<Vec<_>>())),
        }
        query.load(c)
    })?;
    rows.into_iter()
        .map(|(collection, row, model)| {
            let collection: Collection = collection.try_into()?;
            let generation = generation(row, collection.fields.clone(), model)?;
            Ok((collection, generation))
        })
        .collect()
}

/// A page of the collections that somebody may read, in the order in which they were made.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn page(conn: &mut Conn, readable: Readable, part: Following<CollectionId>) -> Result<Vec<Collection>, DbError> {
    let rows: Vec<CollectionRow> = with_conn!(conn, c => {
        let mut query = collections::table
            .inner_join(current_generations::table)
            .select(CollectionRow::as_select())
            .limit(part.limit.into())
            .into_boxed();
        if let Readable::PublicAndOf(user) = readable {
            query = query.filter(collections::visibility.eq(Visibility::Public.as_str()).or(collections::owner_id.eq(user.0).assume_not_null()));
        }
        match (part.after, part.descending) {
            (Some(after), true) => query = query.filter(collections::id.lt(after.0)),
            (Some(after), false) => query = query.filter(collections::id.gt(after.0)),
            (None, _) => {}
        }
        if part.descending { query.order(collections::id.desc()).load(c) } else { query.order(collections::id.asc()).load(c) }
    })?;
    rows.into_iter().map(Collection::try_from).collect()
}

/// How many collections an account has.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn count_of_owner(conn: &mut Conn, owner: UserId) -> Result<i64, DbError> {
    let query = collections::table.filter(collections::owner_id.eq(owner.0)).count();
    Ok(with_conn!(conn, c => query.get_result(c))?)
}

/// Gives a collection the name and the visibility that it has here.
///
/// # Errors
/// [`DbError::UniqueViolation`] where the name is taken.
pub fn update(conn: &mut Conn, collection: &Collection) -> Result<(), DbError> {
    let key = CollectionKey::new(collection.owner, collection.visibility, &collection.name);
    let changed = (
        collections::name.eq(key.as_str()),
        collections::visibility.eq(collection.visibility.as_str()),
        collections::updated_at.eq(Timestamp(collection.updated_at)),
    );
    let update = diesel::update(collections::table.filter(collections::id.eq(collection.id.0))).set(changed);
    with_conn!(conn, c => update.execute(c))?;
    Ok(())
}

/// Takes a collection from everybody's sight and its name from it: nobody finds it or anything in it any more, though its documents are there
/// until [`documents::delete_some`](super::documents::delete_some) has deleted them. `false` where it is not there.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn hide(conn: &mut Conn, id: CollectionId, uid: Uuid) -> Result<bool, DbError> {
    let key = CollectionKey::of_deleted(uid);
    let current = diesel::delete(current_generations::table.filter(current_generations::collection_id.eq(id.0)));
    let hidden = with_conn!(&mut *conn, c => current.execute(c))?;
    let nobodys = (
        collections::name.eq(key.as_str()),
        collections::visibility.eq(Visibility::Private.as_str()),
        collections::owner_id.eq(None::<i32>),
    );
    let update = diesel::update(collections::table.filter(collections::id.eq(id.0))).set(nobodys);
    with_conn!(conn, c => update.execute(c))?;
    Ok(hidden > 0)
}

/// Deletes a collection with whatever is left of it.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn delete(conn: &mut Conn, id: CollectionId) -> Result<(), DbError> {
    let delete = diesel::delete(collections::table.filter(collections::id.eq(id.0)));
    with_conn!(conn, c => delete.execute(c))?;
    Ok(())
}

/// Every generation, current or not.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn generations(conn: &mut Conn) -> Result<Vec<Generation>, DbError> {
    let query = generations::table.inner_join(collections::table).left_join(embedding_models::table).order(generations::id);
    let rows: Vec<(GenerationRow, JsonValue, Option<ModelRow>)> = with_conn!(conn, c => {
        query.select((GenerationRow::as_select(), collections::fields, Option::<ModelRow>::as_select())).load(c)
    })?;
    rows.into_iter().map(|(row, declared, model)| generation(row, fields(declared)?, model)).collect()
}

/// A generation, and what is known of it besides.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// The generation.
    pub generation: Generation,
    /// What its collection is unique under.
    pub collection: CollectionKey,
    /// Whether its collection is searched by it.
    pub current: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Every generation of the named collections, or of all, by the collections' names, the oldest of each first. Those of collections that are
/// being deleted are not among them.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn kept(conn: &mut Conn, names: Option<&[CollectionKey]>) -> Result<Vec<Kept>, DbError> {
    type Row = (GenerationRow, Timestamp, String, JsonValue, Option<ModelRow>);
    let names: Option<Vec<&str>> = names.map(|names| names.iter().map(CollectionKey::as_str).collect());
    let current = current_generations::table.select(current_generations::generation_id);
    let current: Vec<i32> = with_conn!(&mut *conn, c => current.load(c))?;
    let rows: Vec<Row> = with_conn!(conn, c => {
        let mut query = generations::table
            .inner_join(collections::table)
            .left_join(embedding_models::table)
            .filter(collections::name.not_like(format!("{}%", CollectionKey::DELETED)))
            .order((collections::name, generations::id))
            .select((
                GenerationRow::as_select(),
                generations::created_at,
                collections::name,
                collections::fields,
                Option::<ModelRow>::as_select(),
            ))
            .into_boxed();
        if let Some(names) = names {
            query = query.filter(collections::name.eq_any(names));
        }
        query.load(c)
    })?;
    rows.into_iter()
        .map(|(row, created_at, name, declared, model)| {
            let generation = generation(row, fields(declared)?, model)?;
            let current = current.contains(&generation.id.0);
            let collection = CollectionKey::try_from(name).map_err(DbError::corrupt("collections"))?;
            Ok(Kept { generation, collection, current, created_at: created_at.0 })
        })
        .collect()
}

/// The number of generations, and the highest id among them: where neither changes, none came and none went.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn generations_stamp(conn: &mut Conn) -> Result<(i64, Option<i32>), DbError> {
    let query = generations::table.select((diesel::dsl::count_star(), diesel::dsl::max(generations::id)));
    Ok(with_conn!(conn, c => query.get_result(c))?)
}

/// Deletes a generation that no collection is searched by, with the cursors and the dead letters of its followers; `false` where it is not
/// there, or is searched by.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn delete_generation(conn: &mut Conn, generation: GenerationId) -> Result<bool, DbError> {
    let current = current_generations::table.filter(current_generations::generation_id.eq(generation.0));
    let delete =
        diesel::delete(generations::table.filter(generations::id.eq(generation.0)).filter(diesel::dsl::not(diesel::dsl::exists(current))));
    Ok(with_conn!(conn, c => delete.execute(c))? == 1)
}

/// The embedding model of this identity, which is made known to the database where it is not yet.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn ensure_model(
    conn: &mut Conn,
    spec: &lectern_domain::model::EmbeddingModelSpec,
    now: DateTime<Utc>,
) -> Result<EmbeddingModel, DbError> {
    let dimensions = i32::try_from(spec.dimensions).map_err(DbError::corrupt("embedding_models"))?;
    let row = (
        embedding_models::name.eq(&spec.name),
        embedding_models::revision.eq(&spec.revision),
        embedding_models::dimensions.eq(dimensions),
        embedding_models::created_at.eq(Timestamp(now)),
    );
    with_conn!(conn, c => diesel::insert_into(embedding_models::table)
        .values(row)
        .on_conflict((embedding_models::name, embedding_models::revision, embedding_models::dimensions))
        .do_nothing()
        .execute(c))?;
    let query = embedding_models::table
        .filter(embedding_models::name.eq(&spec.name))
        .filter(embedding_models::revision.eq(&spec.revision))
        .filter(embedding_models::dimensions.eq(dimensions));
    with_conn!(conn, c => query.select(ModelRow::as_select()).get_result(c))?.try_into()
}
