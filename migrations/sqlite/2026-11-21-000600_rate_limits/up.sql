-- How often somebody may still try. A key is a keyed digest, not an address or a name.

CREATE TABLE rate_limits (
    key TEXT NOT NULL,
    full_at_ms BIGINT NOT NULL,
    CONSTRAINT rate_limits_pkey PRIMARY KEY (key)
);
CREATE INDEX ix_rate_limits_full_at_ms ON rate_limits (full_at_ms);
CREATE INDEX ix_password_reset_tokens_created_at ON password_reset_tokens (created_at);
