#!/bin/bash
# Runs every .sql file of $MIGRATIONS on $PGDATABASE, in the order of their names, each as one transaction. The files must be
# safe to run again: nothing remembers which of them ran.
set -euo pipefail

bash "$(dirname "$0")/wait.sh"
for file in "$MIGRATIONS"/*.sql; do
  psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --single-transaction --file="$file"
  echo "$(basename "$file"): done"
done
