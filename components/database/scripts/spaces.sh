# shellcheck shell=bash
# Sourced by the scripts that talk to the backup bucket: credentials for the AWS CLI, and the names of dumps.

export AWS_ACCESS_KEY_ID=$SPACES_KEY
export AWS_SECRET_ACCESS_KEY=$SPACES_SECRET
export AWS_DEFAULT_REGION=$SPACES_REGION
# Newer CLIs send checksums that S3-compatible services refuse.
export AWS_REQUEST_CHECKSUM_CALCULATION=when_required
export AWS_RESPONSE_CHECKSUM_VALIDATION=when_required

s3api() { aws --endpoint-url "$SPACES_ENDPOINT" s3api "$@" --bucket "$SPACES_NAME"; }

# The dumps of a database, oldest first: their names carry the time.
dumps_of() {
  local database=$1
  s3api list-objects-v2 --prefix "pg-backups/$database/" --query 'Contents[].Key' --output text |
    tr '\t' '\n' | { grep -E "/${database}_[0-9]{8}_[0-9]{6}\.pgdump$" || true; } | sort
}
