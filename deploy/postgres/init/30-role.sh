#!/bin/sh
# The role that Lectern uses, and what it may do; `lectern db init --role` makes the same. Its name is LECTERN_ROLE (lectern), its password
# LECTERN_ROLE_PASSWORD, or what is in the file LECTERN_ROLE_PASSWORD_FILE.
set -eu
export LECTERN_ROLE="${LECTERN_ROLE:-lectern}"
if [ -n "${LECTERN_ROLE_PASSWORD_FILE:-}" ]; then
    LECTERN_ROLE_PASSWORD="$(cat "$LECTERN_ROLE_PASSWORD_FILE")"
fi
if [ -z "${LECTERN_ROLE_PASSWORD:-}" ]; then
    echo "30-role.sh: set LECTERN_ROLE_PASSWORD or LECTERN_ROLE_PASSWORD_FILE" >&2
    exit 1
fi
export LECTERN_ROLE_PASSWORD

# The password is read from the environment, not from an argument that everybody could see, and no statement with it is logged.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv role LECTERN_ROLE
\getenv password LECTERN_ROLE_PASSWORD
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
SELECT format('CREATE ROLE %I', :'role') WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" LOGIN PASSWORD :'password';

-- Whoever migrates, the role or the owner: it may make tables, and use those that are made here later.
GRANT CONNECT, CREATE, TEMPORARY ON DATABASE :"DBNAME" TO :"role";
GRANT USAGE, CREATE ON SCHEMA public TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"role";
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO :"role";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"role";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO :"role";
SQL
