#!/bin/bash
# Between the two servers of a move, $FROM_… and $TO_…, for each database of $DATABASES. STEP=copy copies what the first one
# holds into the second one, which must be empty, and compares every row. STEP=serve checks that the second one may serve.
# Nothing is ever written to the first one. Safe to run again.
set -euo pipefail

here=$(dirname "$0")

# Run a client of libpq against one of the servers.
from() {
  PGHOST=$FROM_HOST PGPORT=$FROM_PORT PGUSER=$FROM_USER PGPASSWORD=$FROM_PASSWORD PGSSLMODE=$FROM_SSLMODE \
    PGSSLROOTCERT=${FROM_SSLROOTCERT:-} "$@"
}
to() {
  PGHOST=$TO_HOST PGPORT=$TO_PORT PGUSER=$TO_USER PGPASSWORD=$TO_PASSWORD PGSSLMODE=$TO_SSLMODE \
    PGSSLROOTCERT=${TO_SSLROOTCERT:-} "$@"
}
# Who may make extensions and roles on the second one.
admin() { TO_USER=$ADMIN_USER TO_PASSWORD=$ADMIN_PASSWORD to "$@"; }

sql() { "$1" psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --dbname="$database" "${@:2}"; }
contents() { sql "$1" --field-separator=', ' --file="$here/contents.sql"; }
# A database without a table, a sequence or a large object has nothing that could be lost.
is_empty() { ! grep --quiet --invert-match '^large objects, 0, 0$' <<<"$1"; }

reach() {
  local side=$1 attempt database
  for attempt in $(seq 1 60); do
    "$side" pg_isready --quiet --timeout=2 && break
    [ "$attempt" -lt 60 ] || { echo "no server where data is to move $side, after two minutes" >&2; exit 1; }
    sleep 2
  done
  for database in $DATABASES; do
    sql "$side" --command='SELECT' >/dev/null || {
      echo "$database: no login where data is to move $side: is database.beside what database was, passwordVersion included?" >&2
      exit 1
    }
  done
}

# Pods that end may still write for the seconds of their grace. Waits until nobody is connected to a database but who dumps it.
# A session that only idles then belongs to a pool without clients, and is ended.
wait_for_silence() {
  local others tries
  local where="datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    AND application_name <> 'pg_dump'"
  for ((tries = ${PATIENCE:-180}; tries > 0; tries--)); do
    others=$(sql from --command="SELECT count(*) FROM pg_stat_activity WHERE $where")
    [ "$others" -gt 0 ] || return 0
    sleep 1
  done
  sql from --command="SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE $where AND usename = current_user AND state = 'idle'" >/dev/null
  sleep 1
  others=$(sql from --command="SELECT string_agg(format('%s from %s (%s)', usename, coalesce(client_addr::text, 'the server itself'),
    coalesce(nullif(application_name, ''), 'no name')), ', ') FROM pg_stat_activity WHERE $where")
  [ -z "$others" ] || { echo "$database: still in use, nothing was copied: $others" >&2; exit 1; }
}

# Rights are of use only where their roles are. Their passwords nobody can read, so they cannot log in until they get one.
make_roles() {
  local role
  while IFS= read -r role; do
    [ -n "$role" ] || continue
    admin psql --no-psqlrc --quiet --dbname="$database" --set=ON_ERROR_STOP=1 --set=role="$role" <<<'CREATE ROLE :"role" NOLOGIN;'
    echo "$database: role $role has rights here and was missing; made, without a login"
  done < <(comm -23 \
    <(sql from --command="SELECT DISTINCT rolname FROM pg_shdepend JOIN pg_roles r ON r.oid = refobjid
        WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND refclassid = 'pg_authid'::regclass AND deptype IN ('a', 'r')" | LC_ALL=C sort) \
    <(sql to --command="SELECT rolname FROM pg_roles" | LC_ALL=C sort))
}

# The second server's admin makes what its other users may not; what exists is then left alone.
make_extensions() {
  local name schema
  while IFS='|' read -r name schema; do
    [ -n "$name" ] || continue
    admin psql --no-psqlrc --quiet --dbname="$database" --set=ON_ERROR_STOP=1 --set=name="$name" --set=schema="$schema" <<'SQL'
SET client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS :"schema";
CREATE EXTENSION IF NOT EXISTS :"name" WITH SCHEMA :"schema" CASCADE;
SQL
  done < <(sql from --command="SELECT extname, nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace
    WHERE extname <> 'plpgsql' ORDER BY e.oid")
}

# What pg_dump does not take along. It is said, not guessed at.
say_what_stays() {
  sql from --command="
    SELECT format('%s: not copied: ALTER DATABASE %I SET %s', current_database(), current_database(), unnest(setconfig))
    FROM pg_db_role_setting WHERE setrole = 0 AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database());
    SELECT format('%s: not copied: publication %I', current_database(), pubname) FROM pg_publication;
    SELECT DISTINCT format('%s: what %I owned belongs to %I now', current_database(), rolname, current_user)
    FROM pg_class c JOIN pg_roles r ON r.oid = relowner JOIN pg_namespace n ON n.oid = relnamespace
    WHERE nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg\_toast%' AND rolname <> current_user
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')"
}

# Comments on extensions stand before all else, and only an extension's owner may set them.
without_extension_comments() { sed '1,/^CREATE [^ES]/{/^COMMENT ON EXTENSION /d}'; }

copy() {
  local before after arrived
  wait_for_silence
  before=$(contents from)
  arrived=$(contents to)
  if [ "$before" = "$arrived" ]; then
    echo "$database: the same on both servers already; nothing was copied"
    return
  fi
  if ! is_empty "$arrived"; then
    echo "$database: the new server holds other data already; nothing was copied. Its contents:" >&2
    printf '%s\n' "$arrived" >&2
    exit 1
  fi
  make_roles
  make_extensions
  # One transaction: it ends with COMMIT only if the dump came whole, and leaves the database empty otherwise.
  from pg_dump --format=custom --compress=0 --no-publications --no-subscriptions --no-security-labels --dbname="$database" |
    pg_restore --no-owner --single-transaction --file=- |
    without_extension_comments |
    to psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname="$database" >/dev/null || {
    echo "$database: the copy failed; the old server is as it was, and this database is still empty on the new one" >&2
    exit 1
  }
  to psql --no-psqlrc --quiet --dbname="$database" --command='ANALYZE' 2>/dev/null || true
  arrived=$(contents to)
  after=$(contents from)
  if [ "$before" != "$after" ] || [ "$after" != "$arrived" ]; then
    echo "$database: the copy does not count: the servers differ (- old, + new). Did somebody write meanwhile?" >&2
    diff --unified=0 <(printf '%s\n' "$after") <(printf '%s\n' "$arrived") >&2 || true
    exit 1
  fi
  printf '%s\n' "$arrived" | sed "s/^/$database: /"
  say_what_stays
  echo "$database: copied, every row is the same on both servers"
}

serve() {
  local held
  held=$(contents to)
  if ! is_empty "$held"; then
    echo "$database: the server that is to serve has data"
    return
  fi
  reach from
  held=$(contents from)
  if ! is_empty "$held"; then
    echo "$database: is empty where it is to serve, and the other server has its data: set database.beside.step to copy first," \
      "with the two in their old places" >&2
    exit 1
  fi
  echo "$database: empty on both servers"
}

case $STEP in
copy)
  reach from
  reach to
  ;;
serve) reach to ;;
esac
for database in $DATABASES; do
  "$STEP"
done
