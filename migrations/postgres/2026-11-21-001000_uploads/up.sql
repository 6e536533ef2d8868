-- Files that were sent, on their way into a collection. Their bytes wait in parts until a job has read them; a file without a job is still arriving.

CREATE TABLE uploads (
    id uuid NOT NULL,
    owner_id integer NOT NULL,
    collection_id integer NOT NULL,
    job_id integer,
    name text NOT NULL,
    format text NOT NULL,
    about jsonb NOT NULL,
    size_bytes bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT uploads_pkey PRIMARY KEY (id),
    CONSTRAINT uploads_job_id_key UNIQUE (job_id),
    CONSTRAINT uploads_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT uploads_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections (id) ON DELETE CASCADE,
    CONSTRAINT uploads_job_id_fkey FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE CASCADE,
    CONSTRAINT uploads_format_check CHECK (format IN ('jsonl', 'text', 'markdown', 'html'))
);
CREATE INDEX ix_uploads_owner_id ON uploads (owner_id);
CREATE INDEX ix_uploads_collection_id ON uploads (collection_id);

CREATE TABLE upload_parts (
    upload_id uuid NOT NULL,
    number integer NOT NULL,
    bytes bytea STORAGE EXTERNAL NOT NULL,
    CONSTRAINT upload_parts_pkey PRIMARY KEY (upload_id, number),
    CONSTRAINT upload_parts_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES uploads (id) ON DELETE CASCADE
);
