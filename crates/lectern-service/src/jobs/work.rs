//! The kinds of jobs that there are.

use super::{JobError, Policy, Turn};
use crate::{
    ServiceError,
    app::App,
    conversations::NameChat,
    corpora::DropCollection,
    index::DropGeneration,
    mail::{Letter, deliver},
    uploads::Ingest,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// A job: what is to be done, with what. How to add a kind: [`super`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload", rename_all = "snake_case")]
pub enum Work {
    /// Send a mail through the server.
    SendMail(Letter),
    /// Name a chat after its first question.
    NameChat(NameChat),
    /// Turn a file that arrived into documents.
    Ingest(Ingest),
    /// Delete what was in a collection.
    DropCollection(DropCollection),
    /// Delete what is left of a generation.
    DropGeneration(DropGeneration),
}

impl Work {
    /// The names of all kinds, as the table has them. A process leaves alone what it has no name for: a newer one put it there.
    pub const KINDS: &'static [&'static str] = &["send_mail", "name_chat", "ingest", "drop_collection", "drop_generation"];

    /// The names of those that may take long.
    pub const LONG: &'static [&'static str] = &["ingest", "drop_collection", "drop_generation"];

    /// How a kind is tried.
    pub(super) fn policy(&self) -> Policy {
        match self {
            Self::SendMail(_) => Letter::POLICY,
            Self::NameChat(_) => NameChat::POLICY,
            Self::Ingest(_) => Ingest::POLICY,
            Self::DropCollection(_) => Policy::DELETION,
            Self::DropGeneration(_) => Policy::DELETION,
        }
    }

    /// Does it.
    pub(super) async fn run(self, app: &Arc<App>, turn: Turn) -> Result<(), JobError> {
        match self {
            Self::SendMail(letter) => deliver(app, letter).await,
            Self::NameChat(work) => work.run(app).await,
            Self::Ingest(work) => work.run(app, turn).await,
            Self::DropCollection(work) => work.run(app).await,
            Self::DropGeneration(work) => work.run(app).await,
        }
    }

    /// The kind and the payload of the row.
    pub(super) fn to_row(&self) -> Result<(String, Value), ServiceError> {
        let row = serde_json::to_value(self).map_err(|error| ServiceError::internal("writing a job's payload", error))?;
        let kind = row["kind"].as_str().unwrap_or_default().to_owned();
        Ok((kind, row.get("payload").cloned().unwrap_or_default()))
    }

    /// What a row asks for.
    pub(super) fn from_row(kind: &str, payload: Value) -> Result<Self, JobError> {
        serde_json::from_value(json!({ "kind": kind, "payload": payload }))
            .map_err(|error| JobError::GiveUp(format!("its payload cannot be read: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lectern_domain::ids::{ChatId, CollectionId, GenerationId, StreamId, UploadId};
    use uuid::Uuid;

    #[test]
    fn rows_read_back_and_every_kind_has_its_name() {
        let named = Work::NameChat(NameChat { chat: ChatId(1), stream: StreamId(2) });
        let ingest = Work::Ingest(Ingest { upload: UploadId(Uuid::nil()) });
        let dropped = Work::DropCollection(DropCollection { collection: CollectionId(3), generations: vec![GenerationId(5)] });
        let rest = DropGeneration { collection: CollectionId(3), generation: GenerationId(5), chunking: "c1200o100".to_owned() };
        let mail = Work::SendMail(Letter::Welcome { email: "a@b.fr".to_owned() });
        for work in [mail, named, ingest, dropped, Work::DropGeneration(rest)] {
            let (kind, payload) = work.to_row().expect("a row");
            assert!(Work::KINDS.contains(&kind.as_str()), "{kind}");
            assert_eq!(Work::from_row(&kind, payload).expect("work"), work);
        }
        assert!(Work::LONG.iter().all(|kind| Work::KINDS.contains(kind)));
        assert!(matches!(Work::from_row("send_mail", json!({})), Err(JobError::GiveUp(_))));
    }
}
