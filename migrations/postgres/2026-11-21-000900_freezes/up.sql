-- The row that says that nothing may be written, while the database is moved. Without it everything may.

CREATE TABLE freezes (
    id integer NOT NULL,
    state text NOT NULL,
    since timestamptz NOT NULL,
    CONSTRAINT freezes_pkey PRIMARY KEY (id),
    CONSTRAINT freezes_single_check CHECK (id = 1),
    CONSTRAINT freezes_state_check CHECK (state IN ('draining', 'frozen'))
);
