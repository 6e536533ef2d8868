DROP INDEX ix_password_reset_tokens_created_at;
DROP TABLE rate_limits;
