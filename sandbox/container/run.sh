#!/bin/bash
# Runs a command on this project in a container of Debian, where a real node runs: `run.sh npx vitest run test/pods`, or
# `run.sh bash`. The container sees the project's files; packages of npm, programs and images stay in volumes of their own.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)
engine=${CONTAINER_ENGINE:-docker}

"$engine" build --tag doks-systems-sandbox "$here"
options=(--rm --privileged --cgroupns host --volume "$project:/project")
for folder in node_modules .cache; do options+=(--volume "doks-systems-${folder#.}:/project/$folder"); done
options+=(--volume doks-systems-go:/go --env CI)
[ ! -t 0 ] || options+=(--interactive --tty)
# shellcheck disable=SC2016 # "$@" is the container's
exec "$engine" run "${options[@]}" doks-systems-sandbox \
  bash -c 'npm ci --no-audit --no-fund --loglevel error && exec "$@"' bash "$@"
