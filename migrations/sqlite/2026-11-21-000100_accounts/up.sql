-- Accounts and what proves who is calling.

CREATE TABLE installation (
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT installation_pkey PRIMARY KEY (id),
    CONSTRAINT installation_single_check CHECK (id = 1)
);

CREATE TABLE users (
    id INTEGER NOT NULL CONSTRAINT users_pkey PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    hashed_password TEXT NOT NULL,
    is_confirmed BOOLEAN,
    is_admin BOOLEAN NOT NULL DEFAULT FALSE,
    accept_cookie BOOLEAN NOT NULL DEFAULT FALSE,
    accept_retrain BOOLEAN NOT NULL DEFAULT FALSE,
    organization_id TEXT,
    organization_name TEXT,
    token_version INTEGER NOT NULL DEFAULT 0,
    created_at TEXT,
    updated_at TEXT
);
CREATE UNIQUE INDEX ix_users_username ON users (username);
CREATE UNIQUE INDEX ix_users_email_key ON users (email_key);
CREATE INDEX ix_users_email ON users (email);
CREATE INDEX ix_users_organization_id ON users (organization_id);
CREATE INDEX ix_users_organization_name ON users (organization_name);

CREATE TABLE api_tokens (
    id INTEGER NOT NULL CONSTRAINT api_tokens_pkey PRIMARY KEY AUTOINCREMENT,
    hash TEXT NOT NULL,
    name TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    created_at TEXT,
    CONSTRAINT api_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ix_api_tokens_hash ON api_tokens (hash);
CREATE INDEX ix_api_tokens_user_id ON api_tokens (user_id);

CREATE TABLE blacklist_tokens (
    id INTEGER NOT NULL CONSTRAINT blacklist_tokens_pkey PRIMARY KEY AUTOINCREMENT,
    token TEXT NOT NULL,
    created_at TEXT,
    updated_at TEXT,
    CONSTRAINT blacklist_tokens_token_key UNIQUE (token)
);
CREATE INDEX ix_blacklist_tokens_created_at ON blacklist_tokens (created_at);

CREATE TABLE password_reset_tokens (
    id INTEGER NOT NULL CONSTRAINT password_reset_tokens_pkey PRIMARY KEY AUTOINCREMENT,
    token TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    created_at TEXT,
    updated_at TEXT,
    CONSTRAINT password_reset_tokens_token_key UNIQUE (token),
    CONSTRAINT password_reset_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_password_reset_tokens_user_id ON password_reset_tokens (user_id);
