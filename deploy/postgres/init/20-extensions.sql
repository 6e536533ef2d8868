-- The extensions that Lectern may use, those that the server has; `lectern db init` makes the same ones.
SELECT format('CREATE EXTENSION IF NOT EXISTS %I', name)
  FROM pg_available_extensions WHERE name IN ('vector', 'uuid-ossp', 'hstore') ORDER BY name \gexec
