#!/bin/bash
# Dumps each database of $DATABASES into $DUMPS. Only a dump that reads back whole gets its final name and checksum.
set -euo pipefail

rm -rf "${DUMPS:?}"/*
stamp=$(date -u +%Y%m%d_%H%M%S)
for database in $DATABASES; do
  partial=$DUMPS/$database.partial
  # The checksum is of what pg_dump wrote, not of what the disk kept.
  sum=$(pg_dump --format=custom --dbname="$database" | tee "$partial" | sha256sum | cut -d' ' -f1)
  echo "$sum  $partial" | sha256sum --check --quiet
  # Listing alone (--list) passes a truncated dump; reading all of it does not.
  pg_restore --file=/dev/null "$partial"

  name=${database}_$stamp.pgdump
  mv "$partial" "$DUMPS/$name"
  echo "$sum  $name" >"$DUMPS/$name.sha256"
  echo "$name: $(stat --format=%s "$DUMPS/$name") bytes, reads back whole"
done
