-- Rows of every table, as the Albert API leaves them. Passwords are `changeme`.
INSERT INTO alembic_version VALUES ('f1ec44cacbfe');

INSERT INTO users (username, email, hashed_password, is_confirmed, is_admin, accept_cookie, accept_retrain, organization_id, organization_name, created_at, updated_at) VALUES
    ('admin', 'admin@example.org', '$2b$12$D4G5f18o7aMMfwasBL7GpurIEoQvv58JRloQ5uW6DHxxAMChet1yy', TRUE, TRUE, FALSE, FALSE, NULL, NULL, '2025-01-15 10:00:00', NULL),
    ('reader', 'Reader@example.org', '$2b$12$D4G5f18o7aMMfwasBL7GpurIEoQvv58JRloQ5uW6DHxxAMChet1yy', TRUE, NULL, TRUE, TRUE, 'o-1', 'Mairie', '2025-01-15 10:00:00.123456', '2025-07-15 10:00:00'),
    ('waiting', 'Élève@école.example', '$2b$12$D4G5f18o7aMMfwasBL7GpurIEoQvv58JRloQ5uW6DHxxAMChet1yy', NULL, FALSE, FALSE, FALSE, NULL, NULL, NULL, NULL),
    ('declined', 'declined@example.org', '$2b$12$D4G5f18o7aMMfwasBL7GpurIEoQvv58JRloQ5uW6DHxxAMChet1yy', FALSE, FALSE, FALSE, FALSE, NULL, NULL, '2025-01-15 10:00:00', NULL);
-- A number that was given out and is not used any more.
SELECT nextval('users_id_seq');

INSERT INTO api_tokens (hash, name, user_id, created_at) VALUES
    (encode(sha256('0b1b6b0c-43a5-4a02-9b33-1f9f0f4d7d6e'), 'hex'), 'script', 2, '2025-01-16 09:00:00'),
    (encode(sha256('of nobody'), 'hex'), 'left-behind', NULL, '2025-01-16 09:00:00');

-- A session that was ended, and an API token that somebody tried to end like one.
INSERT INTO blacklist_tokens (token) VALUES
    ('eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjQxMDI0NDQ4MDEsImlhdCI6MTc2MzcwMDAwMSwic3ViIjoiMiJ9.zvTQ_rISG36na6JUyN-i6UG-4hYjOpmAHrGgaenv2VQ'),
    ('0b1b6b0c-43a5-4a02-9b33-1f9f0f4d7d6e');

INSERT INTO password_reset_tokens (token, user_id, created_at) VALUES
    ('5d3c1a90f1f04e0aa2f6cbb0a3a3f5d1', 2, now()::timestamp),
    ('77c8f9d0a7a24f6ea4a0f5be8a6f0c22', 1, now()::timestamp - interval '2 hours'),
    ('00000000000000000000000000000000', NULL, now()::timestamp);

INSERT INTO chats (chat_name, chat_type, user_id, themes, operators, created_at, updated_at) VALUES
    ('Fleuves', 'meeting', 2, '["état civil", "\u00e9tat", "a\\u0000b", "\ud83d\ude00"]', 'null', '2025-01-15 10:00:00.123456', '2025-07-15 10:00:00'),
    (NULL, 'evaluations', 2, NULL, '["CAF"]', '2025-01-15 10:00:00', NULL),
    ('Sans question', 'meeting', 1, 'null', 'null', NULL, NULL);

INSERT INTO streams (is_streaming, model_name, mode, query, "limit", with_history, user_text, context, institution, links, temperature, created_at, updated_at, response,
                     rag_sources, should_sids, must_not_sids, search_sids, postprocessing, user_id, chat_id, prompt) VALUES
    (FALSE, 'AgentPublic/albert', 'rag', 'Où naît l''Adour ?', 7, TRUE, NULL, 'géographie', 'Mairie', 'https://example.org', 0.2, '2025-01-15 10:00:00', '2025-01-15 10:00:05',
     'Au pied du pic du Midi.', '["0a1b", "1a2b"]', 'null', '["9f"]', '["0a1b"]', '["check_mail"]', 2, 1,
     decode('04224d1868408200000000000000f162000000f00d5b7b27726f6c65273a202773797374656d272c2027636f6e74656e741500ff0752c3a9706f6e647320627269c3a876656d656e742e2016000246277d2c204e004a757365724c00f008224fc3b9206e61c3ae74206c2741646f7572203f227d5d00000000', 'hex')),
    (TRUE, 'AgentPublic/albert', NULL, '', NULL, NULL, 'texte', '', '', '', 0, '2025-07-15 10:00:00', '2025-07-15 10:00:00', NULL, NULL, 'null', 'null', NULL, 'null', 2, 1, NULL),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2, NULL, NULL, '', '[]', NULL, NULL, NULL, NULL, 2, NULL, NULL),
    (FALSE, 'AgentPublic/albert', 'rag', 'Et la Nive ?', NULL, FALSE, NULL, '', '', '', 0.5, '2025-01-15 10:00:00', NULL, 'À Bayonne.', '[]', 'null', 'null', NULL, 'null', 1, 2, NULL),
    (FALSE, 'AgentPublic/albert', NULL, 'De personne', NULL, NULL, NULL, '', '', '', 0.2, '2025-01-15 10:00:00', NULL, NULL, NULL, 'null', 'null', NULL, 'null', NULL, NULL, NULL);

INSERT INTO sources (source_name) VALUES ('service-public'), ('travail-emploi'), ('service-public'), ('service-public'), ('travail-emploi');

INSERT INTO stream_source (stream_id, source_id) VALUES (1, 1), (1, 2), (1, 3), (2, 5), (4, 4), (4, 4), (NULL, 1);

-- The same user on the same stream: the second of three was changed last.
INSERT INTO feedbacks (type, note, positives, negatives, is_good, message, reason, user_id, stream_id, created_at, updated_at) VALUES
    ('chat', 0, 'null', 'null', TRUE, 'Bien.', NULL, 2, 1, '2025-01-15 10:01:00', '2025-01-15 10:01:00'),
    ('evaluations', 4, '["clair", "complet"]', '["trop_long"]', NULL, 'Mieux.', 'r', 2, 1, '2025-01-15 10:02:00', '2025-01-15 12:00:00'),
    ('chat', NULL, NULL, NULL, FALSE, NULL, NULL, 2, 1, '2025-01-15 10:03:00', NULL),
    ('evaluations', 5, '["sources_fiables"]', 'null', NULL, NULL, NULL, 1, 1, '2025-01-15 10:04:00', '2025-01-15 10:04:00'),
    ('chat', 0, 'null', 'null', FALSE, 'Non.', NULL, 1, 4, NULL, NULL);
