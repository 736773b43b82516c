#!/bin/bash
# What the official image does before its server: makes the data folder on the first start, with the databases, users and
# scripts that its variables and /docker-entrypoint-initdb.d ask for. Source: Docker Hub, "postgres", "How to extend this image".
set -euo pipefail

# NAME or NAME_FILE, and not both.
value() {
  local name=$1 file="${1}_FILE"
  if [ -n "${!name:-}" ] && [ -n "${!file:-}" ]; then
    echo "error: both $name and $file are set (but are exclusive)" >&2
    exit 1
  fi
  if [ -n "${!file:-}" ]; then cat "${!file}"; else printf %s "${!name:-$2}"; fi
}

if [ "${1:-}" = "" ] || [ "${1#-}" != "$1" ]; then set -- postgres "$@"; fi
if [ "$1" != postgres ]; then exec "$@"; fi

mkdir -p "$PGDATA"
chmod 700 "$PGDATA" 2>/dev/null || true
mkdir -p /var/run/postgresql

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  user=$(value POSTGRES_USER postgres)
  password=$(value POSTGRES_PASSWORD "")
  database=$(value POSTGRES_DB "$user")
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [ -z "$password" ] && [ "$method" != trust ]; then
    echo "Error: Database is uninitialized and superuser password is not specified." >&2
    exit 1
  fi
  # shellcheck disable=SC2086 # options
  initdb --username="$user" --pwfile=<(printf '%s\n' "$password") ${POSTGRES_INITDB_ARGS:-}
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
  sed -i "s/^#listen_addresses = 'localhost'/listen_addresses = '*'/" "$PGDATA/postgresql.conf"
  pg_ctl --pgdata="$PGDATA" --wait --options="-c listen_addresses='' -p 5432" start
  export PGUSER=$user PGHOST=/var/run/postgresql PGPASSWORD=$password
  query=(psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc)
  [ "$database" = postgres ] || "${query[@]}" --dbname postgres --command "CREATE DATABASE \"$database\""
  for file in /docker-entrypoint-initdb.d/*; do
    echo "$0: $file"
    case $file in
    *.sh)
      export POSTGRES_USER=$user POSTGRES_DB=$database
      # shellcheck disable=SC1090 # as its author named it
      if [ -x "$file" ]; then "$file"; else . "$file"; fi
      ;;
    *.sql) "${query[@]}" --dbname "$database" --file "$file" ;;
    *.sql.gz) gunzip -c "$file" | "${query[@]}" --dbname "$database" ;;
    esac
  done
  unset PGUSER PGHOST PGPASSWORD
  pg_ctl --pgdata="$PGDATA" --mode=fast --wait stop
  echo "PostgreSQL init process complete; ready for start up."
fi
exec "$@"
