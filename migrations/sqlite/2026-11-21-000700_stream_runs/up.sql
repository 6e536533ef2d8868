-- Answers that are being written: by which process, and until when it is believed to be alive, by the database's clock.

CREATE TABLE stream_runs (
    stream_id INTEGER NOT NULL CONSTRAINT stream_runs_pkey PRIMARY KEY,
    run BLOB NOT NULL,
    runner BLOB NOT NULL,
    stopped BOOLEAN NOT NULL,
    expires_at TEXT NOT NULL,
    CONSTRAINT stream_runs_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES streams (id) ON DELETE CASCADE
);
CREATE INDEX ix_stream_runs_runner ON stream_runs (runner);
