//! `lectern corpus import`.

use super::{add::Choice, progress::Report};
use crate::{args::collection, context::Context};
use anyhow::Context as _;
use lectern_compose::{Usage, load_limits};
use lectern_domain::collection::CollectionName;
use lectern_service::{
    corpora::{ImportRequest, Seed, import},
    stores::SeedPlace,
};
use std::{fs, path::PathBuf, process::ExitCode};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// An Elasticsearch or an OpenSearch
    Elasticsearch,
    /// A Qdrant
    Qdrant,
    /// A PostgreSQL with pgvector
    Pgvector,
}

#[derive(clap::Args)]
pub(crate) struct Args {
    /// What the rows are in
    #[arg(value_name = "KIND")]
    kind: Kind,
    /// Its address; may hold user and password
    #[arg(value_name = "URL")]
    url: String,
    /// The index, the collection of the Qdrant, or the table
    #[arg(long, visible_alias = "table", value_name = "NAME")]
    index: String,
    /// The collection, made where it is not there [default: search.default_collection]
    #[arg(long, value_name = "NAME", value_parser = collection)]
    collection: Option<CollectionName>,
    /// The model that made the vectors: refused unless the collection is searched by it
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// The field, or the name, of the vectors, where there are several
    #[arg(long, value_name = "NAME")]
    vector: Option<String>,
    /// Of the table langchain_pg_embedding, the rows of this collection
    #[arg(long, value_name = "NAME")]
    langchain_collection: Option<String>,
    /// A file that holds an API key for the Elasticsearch or the Qdrant
    #[arg(long, value_name = "FILE")]
    api_key_file: Option<PathBuf>,
    /// A file of certificates in PEM, of authorities to trust besides the system's
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// The language of a new collection, as for `corpus add`
    #[arg(long, default_value = "auto")]
    language: Choice,
    /// Pass over rows that are not understood, instead of refusing the import
    #[arg(long)]
    pass_over: bool,
    /// Return as soon as everything is stored, before it can be found
    #[arg(long)]
    no_wait: bool,
}

impl std::fmt::Debug for Args {
    /// The address may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Args").field("kind", &self.kind).field("index", &self.index).finish_non_exhaustive()
    }
}

impl Args {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let request = ImportRequest {
            collection: context.collection(self.collection.clone())?,
            language: self.language.0,
            model: self.model.clone(),
            limits: load_limits(&context.settings)?,
            pass_over: self.pass_over,
            wait: !self.no_wait,
            from: self.seed()?,
        };
        let wait = request.wait;
        let app = context.open().await?;
        if wait {
            context.follow(&app);
        }
        let mut report = Report::new();
        let imported = Box::pin(import(&app, request, |event| report.take(event))).await;
        report.end();
        let imported = imported?;
        context.out.result(&report.view(&imported), report.summary(&imported, "there are no rows"))?;
        Ok(ExitCode::SUCCESS)
    }

    fn seed(self) -> anyhow::Result<Seed> {
        if self.kind != Kind::Pgvector && self.langchain_collection.is_some() {
            return Err(Usage("--langchain-collection is for pgvector".to_owned()).into());
        }
        if self.kind == Kind::Pgvector {
            return self.table();
        }
        let key =
            self.api_key_file.as_ref().map(|path| fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display())));
        let key = key.transpose()?.map(|key| key.trim().to_owned());
        let ca = self.ca_file.as_ref().map(|path| fs::read(path).with_context(|| format!("{} cannot be read", path.display())));
        let place = SeedPlace::new(&self.url, key, ca.transpose()?).map_err(|error| Usage(error.to_string()))?;
        Ok(match self.kind {
            Kind::Qdrant => Seed::Qdrant { place, collection: self.index, vector: self.vector },
            _ => Seed::Elasticsearch { place, index: self.index, vector: self.vector },
        })
    }

    #[cfg(feature = "postgres")]
    fn table(self) -> anyhow::Result<Seed> {
        if self.api_key_file.is_some() || self.ca_file.is_some() || self.vector.is_some() {
            let message = "--api-key-file, --ca-file and --vector are not for pgvector: the URL says all (sslmode, sslrootcert)";
            return Err(Usage(message.to_owned()).into());
        }
        Ok(Seed::Pgvector { url: self.url, table: self.index, collection: self.langchain_collection })
    }

    #[cfg(not(feature = "postgres"))]
    fn table(self) -> anyhow::Result<Seed> {
        anyhow::bail!("this program was built without the feature postgres")
    }
}
