#!/bin/bash
# Restores what fetch.sh writes into the pipes of $DUMPS into a server that lives for this run only, on the volume $RESTORED,
# and counts what came back.
set -euo pipefail
# shellcheck source=components/database/scripts/pipes.sh
. "$(dirname "$0")/pipes.sh"

open_pipes to read
# A folder below the mount: initdb refuses one that holds lost+found.
data=$RESTORED/server
export PGHOST=$DUMPS PGUSER=drill
initdb --pgdata="$data" --username="$PGUSER" --auth=trust >/dev/null
pg_ctl --pgdata="$data" --wait --silent --log="$RESTORED/server.log" \
  --options="-c listen_addresses='' -c unix_socket_directories='$DUMPS' -c fsync=off" start
trap 'pg_ctl --pgdata="$data" --wait --silent --mode=fast stop' EXIT

for database in $DATABASES; do
  createdb "$database"
  sound=true
  pg_restore --exit-on-error --no-owner --no-privileges --dbname="$database" <&"${pipes[$database]}" || sound=false
  # To the end of the pipe: by then fetch.sh has said whether the dump is whole.
  cat <&"${pipes[$database]}" >/dev/null
  [ -e "$DUMPS/$database.whole" ] || { echo "$database: the dump did not come whole" >&2; exit 1; }
  [ "$sound" = true ] || { echo "$database: the dump is whole and does not restore" >&2; exit 1; }
  # Estimates are of no use in a drill: every row is counted.
  counts=$(psql --no-psqlrc --tuples-only --no-align --field-separator=' ' --dbname="$database" --command="
    SELECT count(*), coalesce(sum((xpath('/row/n/text()',
      query_to_xml(format('SELECT count(*) AS n FROM %I.%I', schemaname, tablename), false, true, '')))[1]::text::bigint), 0)
    FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")
  read -r tables rows <<<"$counts"
  [ "$tables" -gt 0 ] || { echo "$database: restored without a single table" >&2; exit 1; }
  echo "$database: restored, $tables tables, $rows rows"
done
