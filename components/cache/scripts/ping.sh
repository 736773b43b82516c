#!/bin/sh
# Asks the server as $REDIS_USER, whose password the client reads from $REDISCLI_AUTH, and looks at the answer: the client
# exits with 0 even when it is refused. "live" also accepts a server that is still loading its data.
set -eu

answer=$(redis-cli -h "${REDIS_HOST:-127.0.0.1}" -p "${REDIS_PORT:-6379}" --user "$REDIS_USER" --no-auth-warning ping 2>&1) || true
case "$1:$answer" in
  *:PONG) ;;
  live:LOADING*) ;;
  *) echo "$answer" >&2; exit 1 ;;
esac
