#!/bin/bash
# Takes away the control groups and the link of a machine once it is gone: connections that still close would keep the link
# for minutes. It waits for the end of its input, which comes when the process that holds the machine ends, however that ends.
# $1: name of the groups; $2: of the link.
set -uo pipefail

read -r _
none=0
for _ in $(seq 200); do
  left=$(find /sys/fs/cgroup -mindepth 1 -maxdepth 2 -type d -name "$1")
  if ! ip link delete "$2" 2>/dev/null && [ -z "$left" ]; then
    # One that is just being made may come yet.
    [ "$((none += 1))" -lt 5 ] || exit 0
  else
    none=0
    # shellcheck disable=SC2086 # one word a folder
    [ -z "$left" ] || find $left -depth -type d -exec rmdir {} + 2>/dev/null
  fi
  sleep 0.1
done
