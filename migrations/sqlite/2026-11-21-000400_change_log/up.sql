-- The change log and those who follow it. Entries name, rows tell: no foreign keys from the log.

CREATE TABLE changes (
    seq INTEGER NOT NULL CONSTRAINT changes_pkey PRIMARY KEY AUTOINCREMENT,
    entry_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    collection_id INTEGER NOT NULL,
    document_id INTEGER NOT NULL,
    version_id BLOB NOT NULL,
    chunking TEXT NOT NULL,
    chunk_count INTEGER NOT NULL,
    model_id INTEGER,
    at TEXT NOT NULL,
    CONSTRAINT changes_entry_id_key UNIQUE (entry_id),
    CONSTRAINT changes_kind_check CHECK (kind IN ('put', 'delete', 'embedded'))
);
CREATE INDEX ix_changes_collection_id_seq ON changes (collection_id, seq);

CREATE TABLE followers (
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    place TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    CONSTRAINT followers_pkey PRIMARY KEY (id)
);

CREATE TABLE follower_cursors (
    follower_id BLOB NOT NULL,
    engine TEXT NOT NULL,
    generation_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    entry_id BLOB NOT NULL,
    durable_seq BIGINT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT follower_cursors_pkey PRIMARY KEY (follower_id, engine, generation_id),
    CONSTRAINT follower_cursors_follower_id_fkey FOREIGN KEY (follower_id) REFERENCES followers (id) ON DELETE CASCADE,
    CONSTRAINT follower_cursors_generation_id_fkey FOREIGN KEY (generation_id) REFERENCES generations (id) ON DELETE CASCADE,
    CONSTRAINT follower_cursors_engine_check CHECK (engine IN ('lexical', 'vectors', 'embedder'))
);
CREATE INDEX ix_follower_cursors_generation_id ON follower_cursors (generation_id);

CREATE TABLE dead_letters (
    id INTEGER NOT NULL CONSTRAINT dead_letters_pkey PRIMARY KEY AUTOINCREMENT,
    engine TEXT NOT NULL,
    generation_id INTEGER NOT NULL,
    chunk_id BLOB NOT NULL,
    reason TEXT NOT NULL,
    at TEXT NOT NULL,
    CONSTRAINT dead_letters_chunk_key UNIQUE (engine, generation_id, chunk_id),
    CONSTRAINT dead_letters_generation_id_fkey FOREIGN KEY (generation_id) REFERENCES generations (id) ON DELETE CASCADE,
    CONSTRAINT dead_letters_engine_check CHECK (engine IN ('lexical', 'vectors', 'embedder'))
);
CREATE INDEX ix_dead_letters_generation_id ON dead_letters (generation_id);
