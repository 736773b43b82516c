#!/bin/bash
# Lets $OWNER make tables in each database of $DATABASES: on a managed server they belong to the admin. Safe to run again.
set -euo pipefail

bash "$(dirname "$0")/wait.sh"
for database in $DATABASES; do
  psql --no-psqlrc --quiet --dbname="$database" --set=ON_ERROR_STOP=1 --set=owner="$OWNER" --set=name="$database" <<'SQL'
GRANT ALL ON DATABASE :"name" TO :"owner";
GRANT ALL ON SCHEMA public TO :"owner";
SQL
  echo "database $database: open to $OWNER"
done
