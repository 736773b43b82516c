#!/bin/sh
# Asks the server as $REDIS_USER, whose password the client reads from $REDISCLI_AUTH, and looks at the answer: the client
# exits with 0 even when it is refused. "ready" wants PONG. "live" takes any answer of the server's: one that loads its data,
# runs a long script or whose disk is full refuses commands, and would not be helped by a restart.
set -eu

answer=$(redis-cli -h "${REDIS_HOST:-127.0.0.1}" -p "${REDIS_PORT:-6379}" --user "$REDIS_USER" --no-auth-warning ping 2>&1) || true
case "$1:$answer" in
  *:PONG) ;;
  # What the client says itself, without an answer.
  live: | live:"Could not connect"* | live:Error:*) echo "${answer:-no answer}" >&2; exit 1 ;;
  live:*) ;;
  *) echo "$answer" >&2; exit 1 ;;
esac
