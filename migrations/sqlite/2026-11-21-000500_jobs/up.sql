-- Work in the background, and the leases that let one process do it.

CREATE TABLE leases (
    name TEXT NOT NULL,
    holder BLOB NOT NULL,
    expires_at TEXT NOT NULL,
    CONSTRAINT leases_pkey PRIMARY KEY (name)
);

CREATE TABLE jobs (
    id INTEGER NOT NULL CONSTRAINT jobs_pkey PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    run_at TEXT NOT NULL,
    holder BLOB,
    lease_expires_at TEXT,
    progress TEXT,
    error TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT jobs_state_check CHECK (state IN ('queued', 'running', 'done', 'failed'))
);
CREATE INDEX ix_jobs_state_run_at ON jobs (state, run_at);
