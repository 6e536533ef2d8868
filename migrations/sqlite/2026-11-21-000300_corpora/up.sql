-- Collections, their documents, chunks and embeddings.

CREATE TABLE embedding_models (
    id INTEGER NOT NULL CONSTRAINT embedding_models_pkey PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    revision TEXT NOT NULL,
    dimensions INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT embedding_models_identity_key UNIQUE (name, revision, dimensions),
    CONSTRAINT embedding_models_dimensions_check CHECK (dimensions > 0)
);

CREATE TABLE collections (
    id INTEGER NOT NULL CONSTRAINT collections_pkey PRIMARY KEY AUTOINCREMENT,
    uid BLOB NOT NULL,
    name TEXT NOT NULL,
    owner_id INTEGER,
    visibility TEXT NOT NULL,
    language TEXT NOT NULL,
    fields TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT collections_uid_key UNIQUE (uid),
    CONSTRAINT collections_name_key UNIQUE (name),
    CONSTRAINT collections_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT collections_visibility_check CHECK (visibility IN ('private', 'public')),
    CONSTRAINT collections_language_check CHECK (language IN ('fr', 'en', 'de', 'es', 'it', 'pt'))
);
CREATE INDEX ix_collections_owner_id ON collections (owner_id);

CREATE TABLE generations (
    id INTEGER NOT NULL CONSTRAINT generations_pkey PRIMARY KEY AUTOINCREMENT,
    collection_id INTEGER NOT NULL,
    language TEXT NOT NULL,
    chunk_chars INTEGER NOT NULL,
    chunk_overlap INTEGER NOT NULL,
    model_id INTEGER,
    created_at TEXT NOT NULL,
    CONSTRAINT generations_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections (id) ON DELETE CASCADE,
    CONSTRAINT generations_model_id_fkey FOREIGN KEY (model_id) REFERENCES embedding_models (id) ON DELETE RESTRICT,
    CONSTRAINT generations_language_check CHECK (language IN ('fr', 'en', 'de', 'es', 'it', 'pt')),
    CONSTRAINT generations_chunking_check CHECK (chunk_chars > 0 AND chunk_overlap >= 0 AND chunk_overlap < chunk_chars)
);
CREATE INDEX ix_generations_collection_id ON generations (collection_id);
CREATE INDEX ix_generations_model_id ON generations (model_id);

CREATE TABLE current_generations (
    collection_id INTEGER NOT NULL,
    generation_id INTEGER NOT NULL,
    CONSTRAINT current_generations_pkey PRIMARY KEY (collection_id),
    CONSTRAINT current_generations_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections (id) ON DELETE CASCADE,
    CONSTRAINT current_generations_generation_id_fkey FOREIGN KEY (generation_id) REFERENCES generations (id) ON DELETE CASCADE
);
CREATE INDEX ix_current_generations_generation_id ON current_generations (generation_id);

CREATE TABLE documents (
    id INTEGER NOT NULL CONSTRAINT documents_pkey PRIMARY KEY AUTOINCREMENT,
    collection_id INTEGER NOT NULL,
    external_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    version_id BLOB NOT NULL,
    status TEXT NOT NULL,
    title TEXT NOT NULL,
    url TEXT,
    source TEXT,
    format TEXT NOT NULL,
    metadata TEXT NOT NULL,
    text TEXT NOT NULL,
    content_hash BLOB NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT documents_external_id_key UNIQUE (collection_id, external_id),
    CONSTRAINT documents_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections (id) ON DELETE CASCADE,
    CONSTRAINT documents_status_check CHECK (status IN ('pending', 'ready', 'failed')),
    CONSTRAINT documents_format_check CHECK (format IN ('text', 'markdown', 'html'))
);
CREATE INDEX ix_documents_version_id ON documents (version_id);

CREATE TABLE document_versions (
    id BLOB NOT NULL,
    document_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    content_hash BLOB NOT NULL,
    size_bytes BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT document_versions_pkey PRIMARY KEY (id),
    CONSTRAINT document_versions_number_key UNIQUE (document_id, number),
    CONSTRAINT document_versions_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE
);

CREATE TABLE document_events (
    id INTEGER NOT NULL CONSTRAINT document_events_pkey PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    detail TEXT,
    at TEXT NOT NULL,
    CONSTRAINT document_events_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE,
    CONSTRAINT document_events_status_check CHECK (status IN ('pending', 'ready', 'failed'))
);
CREATE INDEX ix_document_events_document_id ON document_events (document_id);

CREATE TABLE chunks (
    id BLOB NOT NULL,
    version_id BLOB NOT NULL,
    document_id INTEGER NOT NULL,
    collection_id INTEGER NOT NULL,
    chunking TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    heading TEXT NOT NULL,
    text TEXT NOT NULL,
    hash BLOB NOT NULL,
    embedding_hash BLOB NOT NULL,
    CONSTRAINT chunks_pkey PRIMARY KEY (id),
    CONSTRAINT chunks_place_key UNIQUE (version_id, chunking, ordinal),
    CONSTRAINT chunks_version_id_fkey FOREIGN KEY (version_id) REFERENCES document_versions (id) ON DELETE CASCADE,
    CONSTRAINT chunks_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE,
    CONSTRAINT chunks_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections (id) ON DELETE CASCADE
);
CREATE INDEX ix_chunks_document_id ON chunks (document_id);
CREATE INDEX ix_chunks_collection_id ON chunks (collection_id);
CREATE INDEX ix_chunks_embedding_hash ON chunks (embedding_hash);

CREATE TABLE chunk_embeddings (
    model_id INTEGER NOT NULL,
    text_hash BLOB NOT NULL,
    dimensions INTEGER NOT NULL,
    encoding TEXT NOT NULL,
    vector BLOB NOT NULL,
    CONSTRAINT chunk_embeddings_pkey PRIMARY KEY (model_id, text_hash),
    CONSTRAINT chunk_embeddings_model_id_fkey FOREIGN KEY (model_id) REFERENCES embedding_models (id) ON DELETE CASCADE,
    CONSTRAINT chunk_embeddings_encoding_check CHECK (encoding IN ('f32', 'f16'))
);
CREATE INDEX ix_chunk_embeddings_text_hash ON chunk_embeddings (text_hash);
