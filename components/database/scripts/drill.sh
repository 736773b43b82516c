#!/bin/bash
# Restores each dump of $DUMPS into a server that lives for this run only, and counts what came back.
set -euo pipefail

data=$DUMPS/server
export PGHOST=$DUMPS PGUSER=drill
initdb --pgdata="$data" --username="$PGUSER" --auth=trust >/dev/null
pg_ctl --pgdata="$data" --wait --silent --log="$DUMPS/server.log" \
  --options="-c listen_addresses='' -c unix_socket_directories='$DUMPS'" start
trap 'pg_ctl --pgdata="$data" --wait --silent --mode=fast stop' EXIT

for database in $DATABASES; do
  createdb "$database"
  pg_restore --exit-on-error --no-owner --no-privileges --dbname="$database" "$DUMPS/$database.pgdump"
  # Estimates are of no use in a drill: every row is counted.
  counts=$(psql --no-psqlrc --tuples-only --no-align --field-separator=' ' --dbname="$database" --command="
    SELECT count(*), coalesce(sum((xpath('/row/n/text()',
      query_to_xml(format('SELECT count(*) AS n FROM %I.%I', schemaname, tablename), false, true, '')))[1]::text::bigint), 0)
    FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")
  read -r tables rows <<<"$counts"
  [ "$tables" -gt 0 ] || { echo "$database: restored without a single table" >&2; exit 1; }
  echo "$database: restored, $tables tables, $rows rows"
done
