-- Chats, their streams (a question and its answer) and feedback.

CREATE TABLE chats (
    id INTEGER NOT NULL CONSTRAINT chats_pkey PRIMARY KEY AUTOINCREMENT,
    chat_name TEXT,
    chat_type TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    themes TEXT,
    operators TEXT,
    created_at TEXT,
    updated_at TEXT,
    CONSTRAINT chats_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT chats_chat_type_check CHECK (chat_type IN ('evaluations', 'meeting'))
);
CREATE INDEX ix_chats_user_id ON chats (user_id);

CREATE TABLE streams (
    id INTEGER NOT NULL CONSTRAINT streams_pkey PRIMARY KEY AUTOINCREMENT,
    is_streaming BOOLEAN NOT NULL DEFAULT FALSE,
    model_name TEXT,
    mode TEXT,
    query TEXT,
    "limit" INTEGER,
    with_history BOOLEAN,
    user_text TEXT,
    context TEXT,
    institution TEXT,
    links TEXT,
    temperature DOUBLE NOT NULL,
    response TEXT,
    rag_sources TEXT,
    should_sids TEXT,
    must_not_sids TEXT,
    search_sids TEXT,
    postprocessing TEXT,
    user_id INTEGER,
    chat_id INTEGER,
    prompt BLOB,
    created_at TEXT,
    updated_at TEXT,
    CONSTRAINT streams_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT streams_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats (id) ON DELETE CASCADE
);
CREATE INDEX ix_streams_user_id ON streams (user_id);
CREATE INDEX ix_streams_chat_id ON streams (chat_id);

CREATE TABLE sources (
    id INTEGER NOT NULL CONSTRAINT sources_pkey PRIMARY KEY AUTOINCREMENT,
    source_name TEXT NOT NULL,
    CONSTRAINT sources_source_name_key UNIQUE (source_name)
);

CREATE TABLE stream_source (
    stream_id INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    CONSTRAINT stream_source_pkey PRIMARY KEY (stream_id, source_id),
    CONSTRAINT stream_source_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES streams (id) ON DELETE CASCADE,
    CONSTRAINT stream_source_source_id_fkey FOREIGN KEY (source_id) REFERENCES sources (id) ON DELETE CASCADE
);
CREATE INDEX ix_stream_source_source_id ON stream_source (source_id);

CREATE TABLE feedbacks (
    id INTEGER NOT NULL CONSTRAINT feedbacks_pkey PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    note INTEGER,
    positives TEXT,
    negatives TEXT,
    is_good BOOLEAN,
    message TEXT,
    reason TEXT,
    user_id INTEGER NOT NULL,
    stream_id INTEGER NOT NULL,
    created_at TEXT,
    updated_at TEXT,
    CONSTRAINT feedbacks_user_id_stream_id_key UNIQUE (user_id, stream_id),
    CONSTRAINT feedbacks_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT feedbacks_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES streams (id) ON DELETE CASCADE,
    CONSTRAINT feedbacks_type_check CHECK (type IN ('chat', 'evaluations')),
    CONSTRAINT feedbacks_note_check CHECK (note BETWEEN 0 AND 5)
);
CREATE INDEX ix_feedbacks_stream_id ON feedbacks (stream_id);
