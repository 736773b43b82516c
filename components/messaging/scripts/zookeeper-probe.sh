#!/bin/bash
# "live": the server answers. "ready": it is part of a quorum. Bash speaks TCP itself, so the image needs no other client.
set -euo pipefail

port=${ZOOKEEPER_CLIENT_PORT:-2181}
ask() {
  exec 3<>"/dev/tcp/${ZOOKEEPER_HOST:-127.0.0.1}/$port"
  printf '%s' "$1" >&3
  timeout 3 cat <&3
}

case "$1" in
  # A server that was not told to answer this word says so, and lives.
  live) answer=$(ask ruok) && [[ $answer == imok || $answer == *"not in the whitelist"* ]] ;;
  ready) answer=$(ask srvr) && [[ $answer == *Mode:* ]] ;;
  *) echo "live or ready" >&2; exit 2 ;;
esac
