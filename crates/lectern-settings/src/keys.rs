//! The list of all keys: what each takes, and its other names in the environment.

/// What a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A text that is never shown. The key with `_file` at its end names a file that holds it.
    Secret,
    /// A path, relative to the working directory.
    Path,
    /// A whole number within bounds, both included.
    Integer {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// `true` or `false`.
    Boolean,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// An IP address and a port.
    Address,
    /// An IP address and a port, or `off`.
    AddressOrOff,
    /// `http://…` or `https://…`, without credentials.
    Url,
    /// The path of an API: empty, or with a slash at its start.
    ApiPath,
    /// A database's URL, whose password is never shown. The key with `_file` at its end names a file that holds it.
    DatabaseUrl,
    /// A list of IP addresses and networks.
    Networks,
    /// A list of web origins.
    Origins,
    /// A list of model endpoints.
    Endpoints,
    /// A list of paths below an API's address.
    ApiPaths,
    /// A list of names.
    Names,
}

impl Kind {
    /// Whether the value holds a secret, and may come from a file of its own.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Secret | Self::DatabaseUrl)
    }
}

/// A key.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its dotted name.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Its other names in the environment; an earlier one wins over a later one, and `LECTERN__…` over all.
    pub aliases: &'static [&'static str],
    /// Its default in words, where it depends on the machine or on other settings.
    pub computed: Option<&'static str>,
    /// The dotted name that it had in an earlier version, which is taken everywhere and loses against the one of today.
    pub former: Option<&'static str>,
}

impl Key {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, aliases: &[], computed: None, former: None }
    }

    const fn alias(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    const fn computed(mut self, words: &'static str) -> Self {
        self.computed = Some(words);
        self
    }

    const fn former(mut self, name: &'static str) -> Self {
        self.former = Some(name);
        self
    }

    /// Its own name in the environment: `LECTERN__SECTION__KEY`.
    pub fn variable(&self) -> String {
        variable(self.name)
    }
}

/// The environment's name of a dotted key.
pub(crate) fn variable(dotted: &str) -> String {
    format!("{PREFIX}{}", dotted.to_uppercase().replace('.', "__"))
}

/// What every variable of Lectern's own starts with.
pub(crate) const PREFIX: &str = "LECTERN__";

const fn integer(min: i64, max: i64) -> Kind {
    Kind::Integer { min, max }
}

const GIB: i64 = 1024 * 1024 * 1024;
const YEAR_S: i64 = 366 * 86_400;

/// Every key, in the order of the page.
pub const KEYS: &[Key] = &[
    Key::new("data_dir", Kind::Path).alias(&["LECTERN_DATA_DIR"]),
    Key::new("env", Kind::OneOf(&["unittest", "dev", "staging", "prod"])).alias(&["ENV"]),
    Key::new("http.listen", Kind::Address),
    Key::new("http.workers", integer(1, 1024)).computed("one a core"),
    Key::new("http.trusted_proxies", Kind::Networks),
    Key::new("http.forwarded_header", Kind::OneOf(&["x-forwarded-for", "forwarded"])),
    Key::new("http.cors_origins", Kind::Origins).alias(&["BACKEND_CORS_ORIGINS"]),
    Key::new("http.shutdown_grace_s", integer(0, 3600)),
    Key::new("http.stream_lease_s", integer(1, 3600)),
    Key::new("http.app_version", Kind::Text).alias(&["APP_VERSION"]),
    Key::new("database.url", Kind::DatabaseUrl)
        .alias(&["DATABASE_URL", "POSTGRES_URI", "DATABASE_URL_SYNC"])
        .computed("`lectern.sqlite3` in the data folder"),
    Key::new("database.connections", integer(1, 1024)).computed("two a core, at least 4"),
    Key::new("database.acquire_timeout_s", integer(1, 3600)),
    Key::new("database.write_queue", integer(1, 1_000_000)),
    Key::new("database.auto_upgrade", Kind::Boolean).computed("`true` on SQLite, `false` on PostgreSQL"),
    Key::new("database.extensions", Kind::Names),
    Key::new("database.role_password", Kind::Secret),
    Key::new("backup.passphrase", Kind::Secret),
    Key::new("auth.secret_key", Kind::Secret).alias(&["SECRET_KEY"]),
    Key::new("auth.session_ttl_s", integer(1, YEAR_S)),
    Key::new("auth.reset_ttl_s", integer(1, YEAR_S)),
    Key::new("auth.first_admin_username", Kind::Text).alias(&["FIRST_ADMIN_USERNAME"]),
    Key::new("auth.first_admin_email", Kind::Text).alias(&["FIRST_ADMIN_EMAIL"]),
    Key::new("auth.first_admin_password", Kind::Secret).alias(&["FIRST_ADMIN_PASSWORD"]),
    Key::new("mail.folder", Kind::Path).computed("`mails` in the data folder with `ENV=dev` and `unittest`, where `smtp_host` is not set"),
    Key::new("mail.smtp_host", Kind::Text),
    Key::new("mail.smtp_port", integer(1, 65_535)),
    Key::new("mail.smtp_tls", Kind::OneOf(&["tls", "starttls", "none"])),
    Key::new("mail.smtp_ca", Kind::Path),
    Key::new("mail.smtp_user", Kind::Text),
    Key::new("mail.smtp_password", Kind::Secret),
    Key::new("mail.smtp_timeout_s", integer(1, 3600)),
    Key::new("mail.from", Kind::Text),
    Key::new("mail.contact", Kind::Text).alias(&["CONTACT_EMAIL"]).computed("`auth.first_admin_email`"),
    Key::new("mail.front_url", Kind::Url).alias(&["FRONT_URL"]),
    Key::new("mail.language", Kind::OneOf(&["fr", "en"])),
    Key::new("mail.texts", Kind::Path),
    Key::new("limits.period_s", integer(1, 86_400)),
    Key::new("limits.sign_in_per_address", integer(0, 1_000_000)),
    Key::new("limits.sign_in_per_account", integer(0, 1_000_000)),
    Key::new("limits.register_per_address", integer(0, 1_000_000)),
    Key::new("limits.reset_per_address", integer(0, 1_000_000)),
    Key::new("limits.reset_per_account", integer(0, 1_000_000)),
    Key::new("limits.contact_per_address", integer(0, 1_000_000)),
    Key::new("limits.contact_per_account", integer(0, 1_000_000)),
    Key::new("limits.json_bytes", integer(1024, GIB)).former("http.json_bytes"),
    Key::new("limits.upload_bytes", integer(1024, 4 * GIB)),
    Key::new("limits.waiting_uploads_per_account", integer(0, 1_000_000)),
    Key::new("limits.collections_per_account", integer(0, 1_000_000)),
    Key::new("llm.endpoints", Kind::Endpoints).alias(&["MODELS_URLS"]),
    Key::new("llm.key", Kind::Secret).alias(&["ALBERT_MODELS_API_KEY"]),
    Key::new("llm.api_path", Kind::ApiPath),
    Key::new("llm.default_model", Kind::Text),
    Key::new("llm.connect_timeout_s", integer(1, 3600)),
    Key::new("llm.first_byte_timeout_s", integer(1, 3600)),
    Key::new("llm.idle_timeout_s", integer(1, 3600)),
    Key::new("llm.retries", integer(0, 10)),
    Key::new("llm.rest_s", integer(0, 3600)),
    Key::new("llm.passthrough", Kind::ApiPaths),
    Key::new("embeddings.provider", Kind::OneOf(&["auto", "local", "openai", "none"])),
    Key::new("embeddings.model", Kind::Text),
    Key::new("embeddings.url", Kind::Url),
    Key::new("embeddings.key", Kind::Secret),
    Key::new("embeddings.api_path", Kind::ApiPath),
    Key::new("embeddings.dimensions", integer(1, 65_536)),
    Key::new("embeddings.batch", integer(1, 4096)),
    Key::new("search.default_collection", Kind::Text),
    Key::new("search.lexical", Kind::OneOf(&["embedded", "elasticsearch"])),
    Key::new("search.vectors", Kind::OneOf(&["embedded", "elasticsearch", "qdrant", "pgvector"])),
    Key::new("search.when_down", Kind::OneOf(&["degrade", "fail"])),
    Key::new("search.limit", integer(1, 10_000)),
    Key::new("elasticsearch.url", Kind::Url),
    Key::new("elasticsearch.user", Kind::Text),
    Key::new("elasticsearch.password", Kind::Secret).alias(&["ELASTIC_PASSWORD"]),
    Key::new("elasticsearch.api_key", Kind::Secret),
    Key::new("elasticsearch.ca_file", Kind::Path),
    Key::new("elasticsearch.prefix", Kind::Text),
    Key::new("elasticsearch.timeout_s", integer(1, 3600)),
    Key::new("qdrant.url", Kind::Url),
    Key::new("qdrant.api_key", Kind::Secret),
    Key::new("qdrant.ca_file", Kind::Path),
    Key::new("qdrant.prefix", Kind::Text),
    Key::new("qdrant.timeout_s", integer(1, 3600)),
    Key::new("qdrant.quantization", Kind::OneOf(&["none", "scalar", "binary", "product"])),
    Key::new("qdrant.vectors_on_disk", Kind::Boolean),
    Key::new("qdrant.graph_on_disk", Kind::Boolean),
    Key::new("qdrant.payload_on_disk", Kind::Boolean),
    Key::new("pgvector.url", Kind::DatabaseUrl).alias(&["VECTOR_DATABASE_URL"]).computed("the main database"),
    Key::new("pgvector.connections", integer(1, 1024)),
    Key::new("pgvector.timeout_s", integer(1, 3600)),
    Key::new("corpus.chunk_chars", integer(100, 20_000)),
    Key::new("corpus.chunk_overlap", integer(0, 9_999)),
    Key::new("corpus.max_document_bytes", integer(1024, 4 * GIB)),
    Key::new("corpus.max_line_bytes", integer(1024, 4 * GIB)),
    Key::new("follow.poll_ms", integer(10, 3_600_000)),
    Key::new("follow.batch_chunks", integer(1, 100_000)),
    Key::new("follow.retention_s", integer(60, 10 * YEAR_S)),
    Key::new("prompts.folder", Kind::Path),
    Key::new("data.acronyms", Kind::Path),
    Key::new("data.organizations", Kind::Path),
    Key::new("data.institutions", Kind::Path),
    Key::new("data.whitelist", Kind::Path).alias(&["API_WHITELIST_FILE"]),
    Key::new("metrics.listen", Kind::AddressOrOff),
    Key::new("log.format", Kind::OneOf(&["text", "json"])),
    Key::new("log.level", Kind::Text),
];

/// Variables of the reference API that no setting takes; a star stands for any ending.
pub const NOT_USED: &[&str] = &["QDRANT_*", "MJ_*", "API_URL"];

/// What a dotted name in a file, a variable or a flag stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named {
    /// The key.
    pub(crate) key: &'static Key,
    /// Whether the name is the one with `_file` at its end.
    pub(crate) from_file: bool,
    /// Whether the name is the one of an earlier version.
    pub(crate) former: bool,
}

/// The key of a dotted name.
pub(crate) fn find(name: &str) -> Option<Named> {
    let exact = |name: &str| KEYS.iter().find(|key| key.name == name);
    let current = exact(name).map(|key| Named { key, from_file: false, former: false });
    let from_file = || {
        let key = exact(name.strip_suffix("_file")?).filter(|key| key.kind.is_secret())?;
        Some(Named { key, from_file: true, former: false })
    };
    let former = || KEYS.iter().find(|key| key.former == Some(name)).map(|key| Named { key, from_file: false, former: true });
    current.or_else(from_file).or_else(former)
}

/// The known name that looks most like `name`: the same last part in another section, or else few letters away.
pub(crate) fn nearest(name: &str) -> Option<String> {
    let last = |name: &str| name.rsplit('.').next().map(str::to_owned);
    let names =
        || KEYS.iter().flat_map(|key| [Some(key.name.to_owned()), key.kind.is_secret().then(|| format!("{}_file", key.name))]).flatten();
    let close = names().map(|known| (distance(&known, name), known)).min().filter(|(far, known)| *far <= (known.len() / 3).max(2));
    close.map(|(_, known)| known).or_else(|| names().find(|known| last(known) == last(name)))
}

/// Levenshtein's distance, in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in b.iter().enumerate() {
            let change = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
