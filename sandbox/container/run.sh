#!/bin/bash
# Runs a command on this project in a container of Debian, where a real node runs: `run.sh npx vitest run test/pods`, or
# `run.sh bash`. The container sees the project's files; packages of npm, programs and images stay in volumes of their own.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)
engine=${CONTAINER_ENGINE:-docker}

"$engine" build --tag doks-systems-sandbox "$here"
options=(--rm --privileged --cgroupns private --volume "$project:/project")
for folder in node_modules .cache; do options+=(--volume "doks-systems-${folder#.}:/project/$folder"); done
options+=(--volume doks-systems-go:/go --env CI)
[ ! -t 0 ] || options+=(--interactive --tty)
# Groups of version 2 have either processes or groups below them: those here move into a group of their own.
# shellcheck disable=SC2016 # what is quoted is the container's
start='
  groups=/sys/fs/cgroup
  if [ -e $groups/cgroup.controllers ]; then
    mkdir -p $groups/here
    for id in $(cat $groups/cgroup.procs); do
      # The process that listed them is over.
      echo "$id" 2>/dev/null >$groups/here/cgroup.procs || true
    done
  fi
  npm ci --no-audit --no-fund --loglevel error && exec "$@"'
exec "$engine" run "${options[@]}" doks-systems-sandbox bash -c "$start" bash "$@"
