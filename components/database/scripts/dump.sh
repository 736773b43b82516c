#!/bin/bash
# Dumps each database of $DATABASES into its pipe of $DUMPS, which upload.sh empties at the same time. Only for a dump that
# reads back whole is its checksum written, and then the pipe ends.
set -euo pipefail
# shellcheck source=components/database/scripts/pipes.sh
. "$(dirname "$0")/pipes.sh"

bash "$(dirname "$0")/wait.sh"
open_pipes to write
mkfifo "$DUMPS/readback" "$DUMPS/dumped"
for database in $DATABASES; do
  # Listing alone (--list) passes a truncated dump; reading all of it does not.
  { pg_restore --file=/dev/null && cat >/dev/null; } <"$DUMPS/readback" &
  readback=$!
  # The checksum is of what pg_dump wrote, not of what arrived anywhere.
  sha256sum <"$DUMPS/dumped" >"$DUMPS/$database.partial" &
  dumped=$!
  pg_dump --format=custom --dbname="$database" | tee "$DUMPS/readback" "$DUMPS/dumped" >&"${pipes[$database]}" ||
    { echo "$database: the dump failed, or nobody takes it any more" >&2; exit 1; }
  # `wait` for several says only how the last one ended.
  wait "$readback"
  wait "$dumped"

  mv "$DUMPS/$database.partial" "$DUMPS/$database.sha256"
  close_pipe "$database"
  echo "$database: dumped, reads back whole"
done
