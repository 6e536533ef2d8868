//! What each table's rows become. [`super::KEPT_IN`] is where the old tables are; their times are of the session's time zone.

/// A statement for each table, in an order in which a table comes after those that it refers to.
pub(super) const STATEMENTS: [(&str, &str); 9] = [
    (
        "users",
        r#"INSERT INTO users (id, username, email, email_key, hashed_password, is_confirmed, is_admin, accept_cookie, accept_retrain,
                              organization_id, organization_name, created_at, updated_at)
           SELECT id, username, email, lower(email COLLATE "C"), hashed_password, is_confirmed, coalesce(is_admin, FALSE), accept_cookie, accept_retrain,
                  organization_id, organization_name, created_at::timestamptz, updated_at::timestamptz
             FROM albert_before.users ORDER BY id"#,
    ),
    (
        "api_tokens",
        "INSERT INTO api_tokens (id, hash, name, user_id, created_at)
         SELECT id, hash, name, user_id, created_at::timestamptz FROM albert_before.api_tokens WHERE user_id IS NOT NULL ORDER BY id",
    ),
    (
        "blacklist_tokens",
        "INSERT INTO blacklist_tokens (id, token, created_at, updated_at)
         SELECT id, encode(sha256(convert_to(token, 'UTF8')), 'hex'), created_at::timestamptz, updated_at::timestamptz
           FROM albert_before.blacklist_tokens ORDER BY id",
    ),
    (
        "password_reset_tokens",
        "INSERT INTO password_reset_tokens (id, token, user_id, created_at, updated_at)
         SELECT id, encode(sha256(convert_to(token, 'UTF8')), 'hex'), user_id, created_at::timestamptz, updated_at::timestamptz
           FROM albert_before.password_reset_tokens WHERE user_id IS NOT NULL ORDER BY id",
    ),
    (
        "chats",
        "INSERT INTO chats (id, chat_name, chat_type, user_id, themes, operators, created_at, updated_at)
         SELECT id, chat_name, chat_type, user_id, themes::jsonb, operators::jsonb, created_at::timestamptz, updated_at::timestamptz
           FROM albert_before.chats ORDER BY id",
    ),
    // Nobody writes an answer while the tables are locked.
    (
        "streams",
        r#"INSERT INTO streams (id, is_streaming, model_name, mode, query, "limit", with_history, user_text, context, institution, links, temperature,
                                response, rag_sources, should_sids, must_not_sids, search_sids, postprocessing, user_id, chat_id, prompt,
                                created_at, updated_at)
           SELECT id, FALSE, model_name, mode, query, "limit", with_history, user_text, context, institution, links, temperature,
                  response, rag_sources::jsonb, should_sids::jsonb, must_not_sids::jsonb, search_sids::jsonb, postprocessing::jsonb, user_id, chat_id, prompt,
                  created_at::timestamptz, updated_at::timestamptz
             FROM albert_before.streams"#,
    ),
    ("sources", "INSERT INTO sources (id, source_name) SELECT min(id), source_name FROM albert_before.sources GROUP BY source_name ORDER BY 1"),
    (
        "stream_source",
        "INSERT INTO stream_source (stream_id, source_id)
         SELECT DISTINCT link.stream_id, kept.id
           FROM albert_before.stream_source AS link JOIN albert_before.sources AS old ON old.id = link.source_id
           JOIN sources AS kept ON kept.source_name = old.source_name
          WHERE link.stream_id IS NOT NULL ORDER BY 1, 2",
    ),
    (
        "feedbacks",
        "INSERT INTO feedbacks (id, type, note, positives, negatives, is_good, message, reason, user_id, stream_id, created_at, updated_at)
         SELECT DISTINCT ON (user_id, stream_id) id, type::text, note, positives::jsonb, negatives::jsonb, is_good, message, reason, user_id, stream_id,
                created_at::timestamptz, updated_at::timestamptz
           FROM albert_before.feedbacks
          ORDER BY user_id, stream_id, coalesce(updated_at, created_at) DESC NULLS LAST, id DESC",
    ),
];
