#!/bin/bash
# Streams the newest dump of each database of $DATABASES into its pipe of $DUMPS, in parts of $PART_BYTES, which drill.sh
# restores at the same time. Only when what it streamed is what was dumped it makes <database>.whole, and then the pipe ends.
set -euo pipefail
# shellcheck source=components/database/scripts/spaces.sh
. "$(dirname "$0")/spaces.sh"
# shellcheck source=components/database/scripts/pipes.sh
. "$(dirname "$0")/pipes.sh"

# Sets $key to the newest dump of a database and $sum to its checksum. One without did not arrive whole, and does not count.
find_newest() {
  local objects
  objects=$(objects_of "$1")
  for key in $(dumps_of "$1" <<<"$objects" | tac); do
    if grep --quiet --line-regexp --fixed-strings "$key.sha256" <<<"$objects"; then
      s3api get-object --key "$key.sha256" "$DUMPS/sum" >/dev/null
      read -r sum _ <"$DUMPS/sum"
    else
      # Earlier dumps were uploaded in one piece, with the checksum in their metadata.
      sum=$(s3api head-object --key "$key" --query Metadata.sha256 --output text)
    fi
    [ "$sum" = None ] || return 0
    echo "$key: has no checksum, its upload was never completed; the one before it, then" >&2
  done
  echo "no dump of $1 in $SPACES_NAME" >&2
  exit 1
}

open_pipes to write
mkfifo "$DUMPS/fetched"
for database in $DATABASES; do
  find_newest "$database"
  size=$(s3api head-object --key "$key" --query ContentLength --output text)
  sha256sum <"$DUMPS/fetched" >"$DUMPS/fetched.sha256" &
  hashing=$!
  exec {hash}>"$DUMPS/fetched"
  for ((from = 0; from < size; from += PART_BYTES)); do
    persist s3api get-object --key "$key" --range "bytes=$from-$((from + PART_BYTES - 1))" "$DUMPS/part" >/dev/null
    tee "$DUMPS/fetched" <"$DUMPS/part" >&"${pipes[$database]}"
  done
  exec {hash}>&-
  wait "$hashing"
  read -r fetched _ <"$DUMPS/fetched.sha256"
  [ "$fetched" = "$sum" ] || { echo "$key: damaged, not a backup" >&2; exit 1; }
  : >"$DUMPS/$database.whole"
  close_pipe "$database"
  echo "$key: whole"
done
