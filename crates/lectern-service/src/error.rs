//! What a use case can answer instead of a result.

use crate::schema::ArchiveError;
use lectern_domain::{
    Invalid,
    executor::{NotRun, Overloaded},
};
use lectern_llm::LlmError;
use lectern_persistence::{DbError, transfer::TransferError};
use lectern_vector_store::StoreError;
use std::iter;

/// A refusal, or a failure. The HTTP layer maps each variant to one status in one table; the text of a refusal is what the caller sees.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The request carries nothing that proves who calls.
    #[error("Authorization header must be provided")]
    NoCredentials,
    /// What it carries proves nothing.
    #[error("Unauthorized")]
    Unauthorized,
    /// It proves who called, and that account is gone; or the account that was named does not exist.
    #[error("User not found")]
    UserNotFound,
    /// An administrator has not let the account in, or has refused it.
    #[error("User not confirmed")]
    UserNotConfirmed,
    /// Unknown account or wrong password: which of them is not told.
    #[error("Incorrect email or password")]
    WrongCredentials,
    /// An account of that name exists.
    #[error("Username already exists")]
    UsernameTaken,
    /// An account with that address exists.
    #[error("Email already exists")]
    EmailTaken,
    /// An API token has no session to end.
    #[error("API tokens are revoked with DELETE /user/token/{{token}}")]
    ApiTokenSignOut,
    /// An administrator has decided about this account already.
    #[error("Account creation already accepted or declined")]
    AlreadyDecided,
    /// No such token for a new password, or it was used.
    #[error("Invalid token")]
    InvalidResetToken,
    /// The token for a new password is too old.
    #[error("Expired token")]
    ExpiredResetToken,
    /// The account of a token for a new password is gone.
    #[error("Incorrect email or password")]
    ResetUserGone,
    /// Somebody tries too often: nothing was done.
    #[error("Too Many Requests")]
    TooMany {
        /// How long to wait until the next try.
        wait: std::time::Duration,
    },
    /// No such API token.
    #[error("token not found")]
    TokenNotFound,
    /// The caller may not do this.
    #[error("Forbidden")]
    Forbidden,
    /// No such chat.
    #[error("Chat not found")]
    ChatNotFound,
    /// No such stream.
    #[error("Stream not found")]
    StreamNotFound,
    /// No such feedback.
    #[error("Feedback not found")]
    FeedbackNotFound,
    /// The history of no chat was asked for.
    #[error("No chat_id found. Stream with history requires a chat session.")]
    HistoryWithoutChat,
    /// There is no such collection, or the caller may not read it.
    #[error("there is no collection '{0}'")]
    UnknownCollection(String),
    /// The caller has a collection of that name, or there is a public one.
    #[error("there is a collection of that name already")]
    CollectionNameTaken,
    /// The caller has as many collections as an account may have.
    #[error("an account has at most {most} collections: delete one first")]
    TooManyCollections {
        /// How many.
        most: u32,
    },
    /// There is no such document, or the caller may not read it.
    #[error("there is no such document")]
    DocumentNotFound,
    /// There is no such chunk, or the caller may not read it.
    #[error("there is no such chunk")]
    ChunkNotFound,
    /// There is no such job, or it is none of the caller's.
    #[error("there is no such job")]
    JobNotFound,
    /// A file is larger than allowed.
    #[error("the file is larger than {most} bytes: cut it into several, or have limits.upload_bytes raised")]
    UploadTooLarge {
        /// The most bytes.
        most: u64,
    },
    /// A file's collection was deleted while the file was arriving.
    #[error("the collection was deleted while the file was arriving")]
    UploadGone,
    /// The question is empty.
    #[error("the question is empty")]
    EmptyQuery,
    /// No such model is configured.
    #[error("there is no model '{0}'")]
    UnknownModel(String),
    /// No endpoint serves the model that a request is to be passed on for.
    #[error("LLM model not found: {0}")]
    ModelNotFound(String),
    /// The endpoint that a request was passed on to refused it.
    #[error("the model's endpoint answered {status}")]
    Upstream {
        /// The HTTP status, 400 or more.
        status: u16,
        /// The seconds after which it wants to be asked again.
        retry_after: Option<u32>,
        /// What it said, at most 64 KiB, without the server's key.
        body: bytes::Bytes,
    },
    /// The endpoint that a request was passed on to did not answer as it should.
    #[error("{said}")]
    UpstreamFailed {
        /// What the caller is told.
        said: String,
        /// What went wrong.
        source: LlmError,
    },
    /// No such mode is configured.
    #[error("there is no mode '{0}'")]
    UnknownMode(String),
    /// There is no such check of answers.
    #[error("there is no postprocessing '{0}': it is check_mail, check_number or check_url")]
    UnknownPostprocessing(String),
    /// The prompt leaves no room for an answer.
    #[error("Prompt too large")]
    PromptTooLarge,
    /// A semantic search where no collection has vectors of the configured model.
    #[error("there are no embeddings to search: install a model with `lectern model install PATH`, or search with the method lexical")]
    NoEmbeddings,
    /// The embedding model that the settings require is not there.
    #[error("{0}; install one with `lectern model install PATH`")]
    NoModel(String),
    /// The process that follows the change log for this folder does not move; what was written is safe.
    #[error(
        "everything is stored, but was not indexed within {seconds} s: it is found when the process that holds the index folder goes on"
    )]
    NotFollowed {
        /// How long nothing moved.
        seconds: u64,
    },
    /// An index outside this process is down; what was written is safe.
    #[error("everything is stored, but not indexed yet: it is found when the index is back and a server runs")]
    NotIndexed {
        /// What is wrong with the index.
        source: StoreError,
    },
    /// The indexes did not reach the end of the log in the time that there was.
    #[error("the indexes did not reach the end of the log within {seconds} s")]
    NotCaughtUp {
        /// How long they had.
        seconds: u64,
        /// What is wrong with an index, where something is.
        source: Option<StoreError>,
    },
    /// A generation was not put in the place of the current one.
    #[error("'{collection}' is searched as before: {why}")]
    NotSwitched {
        /// The collection.
        collection: String,
        /// Why.
        why: String,
    },
    /// A generation was not dropped.
    #[error("generation {generation} is not dropped: {why}")]
    NotDropped {
        /// The generation.
        generation: i32,
        /// Why.
        why: &'static str,
    },
    /// The schema is older than this build.
    #[error("the database is {pending} migrations behind this program: run `lectern db upgrade`, or start with --auto-upgrade")]
    Behind {
        /// How many migrations are pending.
        pending: usize,
    },
    /// A database whose rows were to be read has no tables of Lectern.
    #[error(
        "{database} has no tables of Lectern: check that it is the database that was meant (its URL is `database.url` in the settings, `DATABASE_URL`, or \
         --from), or make them with `lectern db upgrade`"
    )]
    NoSchema {
        /// The database, without its password.
        database: String,
    },
    /// Another process took over the embedding; it goes on from here.
    #[error("another process goes on with the embedding")]
    LeaseLost,
    /// A file of the operator's own, which the settings name, cannot be used.
    #[error("{}: {why}", path.display())]
    DataFile {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong with it, with the line or the key.
        why: String,
    },
    /// A prompt's template is wrong.
    #[error("a prompt's template fails")]
    Prompt(#[from] minijinja::Error),
    /// A mail's template is wrong.
    #[error("the text of the mail '{name}' fails")]
    MailText {
        /// The mail.
        name: String,
        /// Why.
        source: minijinja::Error,
    },
    /// A search engine failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A model failed.
    #[error(transparent)]
    Llm(#[from] LlmError),
    /// An installed model cannot be used.
    #[cfg(feature = "local-embeddings")]
    #[error(transparent)]
    LocalModel(#[from] lectern_llm::local::ModelError),
    /// A value that breaks a rule which only the use case can check.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Too much work is waiting: nothing was done, the caller may try again.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// The database is frozen while it is moved: nothing was written, the caller may try again later.
    #[error(transparent)]
    Frozen(DbError),
    /// What was under way did not come to its end, so that the database is not frozen.
    #[error(
        "nothing is frozen: after {} s answers ({answers}) and jobs ({jobs}) were still under way: try again, give them more time with --wait, \
         or lose them with --now",
        waited.as_secs()
    )]
    StillBusy {
        /// Answers that are being written.
        answers: i64,
        /// Jobs that run.
        jobs: i64,
        /// How long they were waited for.
        waited: std::time::Duration,
    },
    /// Rows could not be carried out of a database or into one.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// The file of an archive, or its encryption, failed.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The database has no time: nothing was done, the caller may try again.
    #[error("the database is busy")]
    Busy(#[source] DbError),
    /// The database failed.
    #[error("the database failed")]
    Db(#[source] DbError),
    /// Something that should not happen.
    #[error("{doing} failed")]
    Internal {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl From<DbError> for ServiceError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Overloaded | DbError::Busy | DbError::Closed | DbError::PoolTimeout { .. } => Self::Busy(error),
            DbError::Frozen => Self::Frozen(error),
            _ => Self::Db(error),
        }
    }
}

impl From<NotRun> for ServiceError {
    fn from(error: NotRun) -> Self {
        match error {
            NotRun::Overloaded(overloaded) => overloaded.into(),
            NotRun::Panicked => Self::internal("a computation", error),
        }
    }
}

impl ServiceError {
    /// A failure that nobody can act on but who runs the server.
    pub fn internal(doing: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal { doing, source: source.into() }
    }
}

/// An error with its causes in one line, outermost first, for a log or a job's row.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
