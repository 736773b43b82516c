#!/bin/bash
# Uploads every dump of $DUMPS, checks what arrived, then deletes dumps older than $RETENTION_DAYS.
set -euo pipefail
# shellcheck source=components/database/scripts/spaces.sh
. "$(dirname "$0")/spaces.sh"

cd "$DUMPS"
for database in $DATABASES; do
  name=$(basename "$(ls "$database"_????????_??????.pgdump)")
  sha256sum --check --quiet "$name.sha256"
  sum=$(cut -d' ' -f1 "$name.sha256")
  key=pg-backups/$database/$name
  s3api put-object --key "$key" --body "$name" --metadata "sha256=$sum" >/dev/null

  arrived=$(s3api head-object --key "$key" --query '[ContentLength, Metadata.sha256]' --output text | tr '\t' ' ')
  if [ "$arrived" != "$(stat --format=%s "$name") $sum" ]; then
    echo "$key: the bucket holds something else ($arrived)" >&2
    s3api delete-object --key "$key" >/dev/null
    exit 1
  fi
  echo "$key: uploaded"
done

# Reached only when every database has a new dump, so that a failing backup never eats the old ones.
cutoff=$(date -u --date="-$RETENTION_DAYS days" +%Y%m%d_%H%M%S)
for database in $DATABASES; do
  for key in $(dumps_of "$database"); do
    stamp=${key##*/"${database}"_}
    if [[ "${stamp%.pgdump}" < "$cutoff" ]]; then
      s3api delete-object --key "$key" >/dev/null
      echo "$key: deleted, older than $RETENTION_DAYS days"
    fi
  done
done
