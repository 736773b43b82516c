# shellcheck shell=bash
# Sourced by the scripts that talk to the backup bucket: credentials for the AWS CLI, and the names of dumps.

export AWS_ACCESS_KEY_ID=$SPACES_KEY
export AWS_SECRET_ACCESS_KEY=$SPACES_SECRET
export AWS_DEFAULT_REGION=$SPACES_REGION
# Newer CLIs send checksums that S3-compatible services refuse.
export AWS_REQUEST_CHECKSUM_CALCULATION=when_required
export AWS_RESPONSE_CHECKSUM_VALIDATION=when_required

s3api() { aws --endpoint-url "$SPACES_ENDPOINT" s3api "$@" --bucket "$SPACES_NAME"; }

# The keys of a database, one a line.
objects_of() {
  s3api list-objects-v2 --prefix "pg-backups/$1/" --query 'Contents[].Key' --output text | tr '\t' '\n'
}

# Its dumps among the keys it is given, oldest first: their names carry the time.
dumps_of() {
  { grep -E "/$1_[0-9]{8}_[0-9]{6}\.pgdump$" || true; } | sort
}

# Runs a command until it succeeds, five times at most, with pauses that grow: more than a minute in all.
persist() {
  local try pause=${RETRY_SECONDS:-5}
  for try in 1 2 3 4 5; do
    "$@" && return
    echo "attempt $try of 5 failed: $*" >&2
    [ "$try" -lt 5 ] || return 1
    sleep "$pause"
    pause=$((pause * 2))
  done
}
