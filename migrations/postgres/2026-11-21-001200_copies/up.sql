-- What a copy left in each table, and the database that it came from: who brings the copy up to date sees whether anybody wrote to it since.

CREATE TABLE copies (
    table_name text NOT NULL,
    row_count bigint NOT NULL,
    sha256 text NOT NULL,
    origin uuid NOT NULL,
    copied_at timestamptz NOT NULL,
    CONSTRAINT copies_pkey PRIMARY KEY (table_name)
);
