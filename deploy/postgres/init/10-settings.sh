#!/bin/sh
# The settings beside this script count from the first real start on. They are copied, so that the cluster does not depend on this folder.
set -eu
here="$(dirname "$0")"
cp "$here/postgresql.conf" "$PGDATA/lectern.conf"
grep -qx "include 'lectern.conf'" "$PGDATA/postgresql.conf" || echo "include 'lectern.conf'" >>"$PGDATA/postgresql.conf"
