#!/bin/bash
# Brings a running server in line with the settings: first the current password, then every database. Safe to run again.
# $CREDENTIALS/passwords holds every password there ever was, newest first; $CREDENTIALS/verifier the newest one's stored form.
set -euo pipefail

bash "$(dirname "$0")/wait.sh"

mapfile -t passwords <"$CREDENTIALS/passwords"
can_log_in() { PGPASSWORD="$1" psql --no-psqlrc --quiet --dbname=postgres --command='SELECT' >/dev/null 2>&1; }

working=
for password in "${passwords[@]}"; do
  if can_log_in "$password"; then
    working=$password
    break
  fi
done
if [ -z "$working" ]; then
  echo "none of the ${#passwords[@]} passwords of this stack opens $PGUSER at $PGHOST: was it changed by hand?" >&2
  exit 1
fi

if [ "$working" != "${passwords[0]}" ]; then
  PGPASSWORD="$working" psql --no-psqlrc --quiet --dbname=postgres --set=ON_ERROR_STOP=1 \
    --set=role="$PGUSER" --set=verifier="$(cat "$CREDENTIALS/verifier")" <<'SQL'
ALTER ROLE :"role" PASSWORD :'verifier';
SQL
  can_log_in "${passwords[0]}" || { echo "the new password does not open $PGUSER" >&2; exit 1; }
  echo "password of $PGUSER: changed"
else
  echo "password of $PGUSER: current"
fi

PGPASSWORD="${passwords[0]}" bash "$(dirname "$0")/databases.sh"
