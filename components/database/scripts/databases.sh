#!/bin/bash
# Creates each database of $DATABASES that is missing, owned by $PGUSER. Safe to run again.
# Runs at the first start of an empty volume, over the local socket, and later as a Job, over the network.
set -euo pipefail

export PGUSER="${PGUSER:-$POSTGRES_USER}"
for database in $DATABASES; do
  psql --no-psqlrc --quiet --dbname=postgres --set=ON_ERROR_STOP=1 --set=name="$database" --set=owner="$PGUSER" <<'SQL'
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name')
\gexec
SQL
  echo "database $database: present"
done
