#!/bin/bash
# Waits until the server answers, for two minutes: by its name one that was just restarted does not at once, and to a pod that
# has just started neither policies nor addresses need be known everywhere.
set -euo pipefail

for attempt in $(seq 1 60); do
  pg_isready --quiet --timeout=2 && break
  [ "$attempt" -lt 60 ] || { echo "no server at $PGHOST:$PGPORT after two minutes" >&2; exit 1; }
  sleep 2
done
