#!/bin/bash
# Uploads what dump.sh writes into the pipes of $DUMPS, in parts of $PART_BYTES as they come, then deletes dumps older than
# $RETENTION_DAYS. An object is a dump only when its checksum lies beside it, as <key>.sha256, and that is written last.
set -euo pipefail
# shellcheck source=components/database/scripts/spaces.sh
. "$(dirname "$0")/spaces.sh"
# shellcheck source=components/database/scripts/pipes.sh
. "$(dirname "$0")/pipes.sh"

upload=
sending=
abandon() {
  [ -n "$upload" ] || return 0
  # A part that is still on its way may arrive after this; then a later run deletes it.
  [ -z "$sending" ] || kill "$sending" 2>/dev/null || true
  echo "$key: abandoned" >&2
  s3api abort-multipart-upload --key "$key" --upload-id "$upload" || true
}
trap abandon EXIT

# Sends a part, and checks what arrived: its ETag is the MD5.
send() {
  local number=$1 file=$2 md5=$3 etag
  etag=$(s3api upload-part --key "$key" --upload-id "$upload" --part-number "$number" --body "$file" \
    --query ETag --output text) || return 1
  [ "${etag//\"/}" = "$md5" ] || { echo "part $number arrived as $etag, not as $md5" >&2; return 1; }
}

# Reads a pipe to its end, while the part before is on its way; sets $total and leaves the checksum in $DUMPS/arrived.sha256.
send_all() {
  local number=0 file size md5 hash hashing
  sha256sum <"$DUMPS/arrived" >"$DUMPS/arrived.sha256" &
  hashing=$!
  exec {hash}>"$DUMPS/arrived"
  total=0
  : >"$DUMPS/parts"
  while true; do
    file=$DUMPS/part.$((number % 2))
    head --bytes="$PART_BYTES" <&"${pipes[$database]}" >"$file"
    size=$(stat --format=%s "$file")
    [ "$size" -gt 0 ] || break
    number=$((number + 1))
    total=$((total + size))
    [ "$number" -le 10000 ] || { echo "$key: more parts than the 10,000 that S3 takes" >&2; exit 1; }
    # Both sums are of the same reading: whatever differs from the dump is then either here or in the bucket.
    md5=$(tee "$DUMPS/arrived" <"$file" | md5sum | cut -d' ' -f1)
    [ -z "$sending" ] || wait "$sending"
    persist send "$number" "$file" "$md5" &
    sending=$!
    echo "{\"PartNumber\": $number, \"ETag\": \"\\\"$md5\\\"\"}" >>"$DUMPS/parts"
  done
  [ -z "$sending" ] || wait "$sending"
  sending=
  exec {hash}>&-
  wait "$hashing"
}

open_pipes to read
mkfifo "$DUMPS/arrived"
stamp=$(date -u +%Y%m%d_%H%M%S)
for database in $DATABASES; do
  name=${database}_$stamp.pgdump
  key=pg-backups/$database/$name
  upload=$(s3api create-multipart-upload --key "$key" --query UploadId --output text)
  send_all

  [ -e "$DUMPS/$database.sha256" ] || { echo "$database: the dump ended early, it is no backup" >&2; exit 1; }
  read -r sum _ <"$DUMPS/$database.sha256"
  read -r arrived _ <"$DUMPS/arrived.sha256"
  [ "$arrived" = "$sum" ] || { echo "$database: the checksum of what arrived is not the dump's" >&2; exit 1; }
  echo "{\"Parts\": [$(paste -sd, "$DUMPS/parts")]}" >"$DUMPS/parts.json"
  # Some services take minutes to put thousands of parts together.
  s3api complete-multipart-upload --cli-read-timeout 900 --key "$key" --upload-id "$upload" \
    --multipart-upload "file://$DUMPS/parts.json" >/dev/null
  upload=
  size=$(s3api head-object --key "$key" --query ContentLength --output text)
  if [ "$size" != "$total" ]; then
    echo "$key: the bucket holds $size bytes of $total" >&2
    s3api delete-object --key "$key" >/dev/null
    exit 1
  fi
  echo "$sum  $name" >"$DUMPS/sum"
  s3api put-object --key "$key.sha256" --body "$DUMPS/sum" >/dev/null
  echo "$key: uploaded, $total bytes"
done

# Reached only when every database has a new dump, so that a failing backup never eats the old ones.
cutoff=$(date -u --date="-$RETENTION_DAYS days" +%Y%m%d_%H%M%S)
for database in $DATABASES; do
  objects=$(objects_of "$database")
  for key in $(dumps_of "$database" <<<"$objects"); do
    stamp=${key##*/"${database}"_}
    if [[ "${stamp%.pgdump}" < "$cutoff" ]]; then
      s3api delete-object --key "$key.sha256" >/dev/null
      s3api delete-object --key "$key" >/dev/null
      echo "$key: deleted, older than $RETENTION_DAYS days"
    fi
  done
done

# What runs that died left behind costs money until it is aborted. No run lasts a day. The dumps are safe by now: a key that
# may not list uploads makes no failed backup.
yesterday=$(date -u --date="-1 day" +%Y-%m-%dT%H:%M:%S)
unfinished=$(s3api list-multipart-uploads --prefix pg-backups/ --query 'Uploads[].[Initiated, Key, UploadId]' \
  --output text) || exit 0
while read -r begun key id; do
  [[ -n "$id" && "$begun" < "$yesterday" ]] || continue
  s3api abort-multipart-upload --key "$key" --upload-id "$id" || continue
  echo "$key: an upload of $begun was never completed, aborted"
done <<<"$unfinished"
