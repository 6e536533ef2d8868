//! Collections of documents, and the generations that index them.

use crate::{
    Invalid,
    fields::FilterableFields,
    ids::{CollectionId, GenerationId, UserId},
    language::Language,
    model::EmbeddingModel,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// The namespace of the UUIDs that are made from a collection's name.
const NAMESPACE: Uuid = Uuid::from_u128(0x5f2d_4d5e_3c8b_4f7a_9a61_0b7c_1e2f_3d40);

/// A collection's name: 1 to 100 letters, digits, `.`, `_` or `-`, starting with a letter or a digit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CollectionName(String);

impl CollectionName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it looks like a collection's id, so that nobody could name the collection by it.
    pub fn looks_like_an_id(&self) -> bool {
        as_id(&self.0).is_some()
    }

    /// The UUID that a collection gets when it is created under this name; the ids of versions and chunks are derived from it.
    pub fn uid(&self) -> Uuid {
        Uuid::new_v5(&NAMESPACE, self.0.as_bytes())
    }
}

impl TryFrom<String> for CollectionName {
    type Error = Invalid;

    fn try_from(name: String) -> Result<Self, Invalid> {
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
        let starts_well = name.chars().next().is_some_and(char::is_alphanumeric);
        if starts_well && name.chars().all(allowed) && name.chars().count() <= 100 {
            Ok(Self(name))
        } else {
            Err(Invalid::new(
                "collection",
                format!("'{name}' is not a name: use 1 to 100 letters, digits, '.', '_' or '-', starting with a letter or a digit"),
            ))
        }
    }
}

impl fmt::Display for CollectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a collection is unique under. Collections of the operator's and public ones share one space of names; every account's private ones
/// have a space of their own, so that nobody learns from a name that is taken what others have, and nobody takes a name away from all.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CollectionKey(String);

impl CollectionKey {
    /// What the keys of collections that are being deleted begin with, and no others do.
    pub const DELETED: &str = "deleted/";

    /// The key of a collection with this owner, this visibility and this name: `name`, or `7/name`.
    pub fn new(owner: Option<UserId>, visibility: Visibility, name: &CollectionName) -> Self {
        match (owner, visibility) {
            (Some(owner), Visibility::Private) => Self(format!("{owner}/{name}")),
            _ => Self(name.0.clone()),
        }
    }

    /// A key that no collection with a name has: for one that is being deleted.
    pub fn of_deleted(uid: Uuid) -> Self {
        Self(format!("{}{uid}", Self::DELETED))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in the text of a key.
    ///
    /// # Errors
    /// [`Invalid`] where there is none.
    pub fn name_in(key: &str) -> Result<CollectionName, Invalid> {
        CollectionName::try_from(key.rsplit('/').next().unwrap_or_default().to_owned())
    }
}

impl From<CollectionName> for CollectionKey {
    /// The key of a collection that is shared.
    fn from(name: CollectionName) -> Self {
        Self(name.0)
    }
}

impl TryFrom<String> for CollectionKey {
    type Error = Invalid;

    fn try_from(key: String) -> Result<Self, Invalid> {
        let name = match key.split_once('/') {
            Some((owner, name)) if owner.parse::<u32>().is_ok_and(|number| number.to_string() == owner) => name,
            _ => &key,
        };
        CollectionName::try_from(name.to_owned())?;
        Ok(Self(key))
    }
}

impl fmt::Display for CollectionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a caller names a collection.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CollectionRef {
    /// By its id.
    Id(Uuid),
    /// By its name: the caller's own one, or else the one that is shared under it.
    Name(CollectionName),
    /// By the name under which it is shared.
    Shared(CollectionName),
}

impl CollectionRef {
    /// What somebody who is asked for an id or a name has given. A name that looks like an id is none.
    ///
    /// # Errors
    /// [`Invalid`] where it is neither.
    pub fn parse(text: String) -> Result<Self, Invalid> {
        match as_id(&text) {
            Some(id) => Ok(Self::Id(id)),
            None => CollectionName::try_from(text).map(Self::Name),
        }
    }
}

/// The id that a text is, in its usual form.
fn as_id(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|_| text.len() == uuid::fmt::Hyphenated::LENGTH)
}

impl fmt::Display for CollectionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name(name) | Self::Shared(name) => name.fmt(f),
        }
    }
}

/// Who may read a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Its owner and administrators.
    Private,
    /// Every confirmed user.
    Public,
}

impl Visibility {
    /// The word that stands for it in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Public => "public",
        }
    }
}

/// How texts are cut into chunks: the most characters of a chunk, and how many of them repeat the end of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chunking {
    chars: u32,
    overlap: u32,
}

impl Default for Chunking {
    /// 1,200 characters, none of them twice.
    fn default() -> Self {
        Self { chars: 1200, overlap: 0 }
    }
}

impl Chunking {
    /// `chars` from 100 to 20,000; `overlap` less than half of it.
    ///
    /// # Errors
    /// [`Invalid`] where a size is outside its bounds.
    pub fn new(chars: u32, overlap: u32) -> Result<Self, Invalid> {
        if !(100..=20_000).contains(&chars) {
            return Err(Invalid::new("chunk_chars", format!("{chars} is not between 100 and 20000 characters")));
        }
        if overlap * 2 >= chars {
            return Err(Invalid::new("chunk_overlap", format!("{overlap} is not less than half of chunk_chars ({chars})")));
        }
        Ok(Self { chars, overlap })
    }

    /// The most characters of a chunk.
    pub const fn chars(self) -> u32 {
        self.chars
    }

    /// The characters that a chunk may repeat of the one before it.
    pub const fn overlap(self) -> u32 {
        self.overlap
    }

    /// What chunks and their ids carry, so that two chunkings of a version coexist: `c1200o0`.
    pub fn fingerprint(self) -> String {
        format!("c{}o{}", self.chars, self.overlap)
    }
}

/// A set of documents.
#[derive(Debug, Clone, PartialEq)]
pub struct Collection {
    /// Its id.
    pub id: CollectionId,
    /// The id by which the outside knows it, and what the ids of its documents' versions are derived from.
    pub uid: Uuid,
    /// Its name, see [`CollectionKey`].
    pub name: CollectionName,
    /// Its owner; none for what the operator made on the command line.
    pub owner: Option<UserId>,
    /// Who may read it.
    pub visibility: Visibility,
    /// Its language.
    pub language: Language,
    /// The metadata fields that it can be searched by.
    pub fields: FilterableFields,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// One way of indexing a collection. What it pins never changes, except that a generation without a model takes the first
/// one that is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// Its id; part of every physical name.
    pub id: GenerationId,
    /// The collection that it indexes.
    pub collection: CollectionId,
    /// The analyser's language.
    pub language: Language,
    /// How its chunks are cut.
    pub chunking: Chunking,
    /// The metadata fields that its indexes keep: those of its collection.
    pub fields: FilterableFields,
    /// The model of its vectors; none where search is lexical only.
    pub model: Option<EmbeddingModel>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_digits_and_three_signs() {
        for good in ["docs", "a", "Été-2026", "v1.2_x", &"n".repeat(100)] {
            assert!(CollectionName::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["", "-docs", ".hidden", "a b", "a/b", "é\0", &"n".repeat(101)] {
            assert!(CollectionName::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn private_collections_have_names_of_their_owners() {
        let name = CollectionName::try_from("docs".to_owned()).unwrap();
        let key = |owner, visibility| CollectionKey::new(owner, visibility, &name);
        assert_eq!(key(Some(UserId(7)), Visibility::Private).as_str(), "7/docs");
        for shared in [key(None, Visibility::Private), key(None, Visibility::Public), key(Some(UserId(7)), Visibility::Public)] {
            assert_eq!(shared.as_str(), "docs");
        }
        assert_eq!(CollectionKey::name_in("7/docs"), Ok(name.clone()));
        assert_eq!(CollectionKey::name_in("docs"), Ok(name));
        for (text, is_key) in
            [("docs", true), ("7/docs", true), ("07/docs", false), ("7/", false), ("x/docs", false), ("deleted/docs", false)]
        {
            assert_eq!(CollectionKey::try_from(text.to_owned()).is_ok(), is_key, "{text}");
        }
    }

    #[test]
    fn what_looks_like_an_id_is_one() {
        let id = "6d0e6a3f-7d51-5a0e-8f0e-2f6f1f0d9b11";
        assert!(matches!(CollectionRef::parse(id.to_owned()), Ok(CollectionRef::Id(_))));
        assert!(matches!(CollectionRef::parse(id.replace('-', "")), Ok(CollectionRef::Name(_))));
        assert!(CollectionRef::parse("a b".to_owned()).is_err());
        assert!(CollectionName::try_from(id.to_owned()).is_ok_and(|name| name.looks_like_an_id()));
    }

    #[test]
    fn chunkings_have_bounds() {
        assert_eq!(Chunking::new(1200, 100).map(Chunking::fingerprint), Ok("c1200o100".to_owned()));
        for (chars, overlap) in [(99, 0), (20_001, 0), (100, 50)] {
            assert!(Chunking::new(chars, overlap).is_err(), "{chars}/{overlap}");
        }
    }
}
