-- What a copy left in each table, and the database that it came from: who brings the copy up to date sees whether anybody wrote to it since.

CREATE TABLE copies (
    table_name TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    origin BLOB NOT NULL,
    copied_at TEXT NOT NULL,
    CONSTRAINT copies_pkey PRIMARY KEY (table_name)
);
