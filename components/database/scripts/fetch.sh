#!/bin/bash
# Downloads the newest dump of each database of $DATABASES to $DUMPS/<database>.pgdump, and refuses one that is not whole.
set -euo pipefail
# shellcheck source=components/database/scripts/spaces.sh
. "$(dirname "$0")/spaces.sh"

rm -rf "${DUMPS:?}"/*
for database in $DATABASES; do
  key=$(dumps_of "$database" | tail -n 1)
  [ -n "$key" ] || { echo "no dump of $database in $SPACES_NAME" >&2; exit 1; }
  sum=$(s3api head-object --key "$key" --query Metadata.sha256 --output text)
  partial=$DUMPS/$database.partial
  s3api get-object --key "$key" "$partial" >/dev/null
  echo "$sum  $partial" | sha256sum --check --quiet || { echo "$key: damaged, not a backup" >&2; exit 1; }
  mv "$partial" "$DUMPS/$database.pgdump"
  echo "$key: whole"
done
