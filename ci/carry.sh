#!/bin/bash
# Carries a release of an application into this repository: sets its tag in a stack file, takes over its migrations, previews
# what an update would change, and opens a pull request, or merges it. For an application's pipeline, after it has pushed the
# image; in a checkout of this repository, after npm ci:
#
#   bash ci/carry.sh <stack> <system> <tag> [--workload <name>]
#
# Nothing happens if the stack file has the tag already. A release that is newer than an open pull request takes its place in
# it: there is one branch for each stack and system. If another release was merged meanwhile, all is done again on top of it.
#
# Variables:
#   INFRASTRUCTURE_REPOSITORY  this repository on GitHub: acme/doks-systems
#   INFRASTRUCTURE_TOKEN       may write contents and pull requests of this repository, and nothing else; only git and the call
#                              to GitHub get it
#   MERGE                      squash, merge or rebase: merges, at once or when the required checks have passed. Default: a
#                              person merges. A production stack is always merged by a person
#   MIGRATIONS                 the application's folder of migrations. Nothing is taken over if it is empty or does not exist
#   MIGRATIONS_TO              where they go. Default: systems/<system>/migrations
#   IMAGES                     the images with their digests, for the commit message
#   SOURCE                     address of the application's commit, for the commit message
#   FORGE                      github, or gitlab, where a push opens the merge request. Default: github
#
# Exit codes: 0 carried, or nothing to carry; 3 to 7 as npm run preview, which refused the change; 1 anything else.
set -euo pipefail

# How ci/pull-request.ts says that the branch cannot be merged because main has moved.
readonly moved=75

main() {
  if [ $# -lt 3 ]; then
    echo "usage: bash ci/carry.sh <stack> <system> <tag> [--workload <name>]" >&2
    exit 2
  fi
  stack=$1 system=$2 tag=$3
  shift 3
  workload=()
  if [ "${1:-}" = --workload ]; then workload=(--workload "${2:?names no workload}"); fi
  # What is run here for its own sake, such as the preview, does not see it.
  token=${INFRASTRUCTURE_TOKEN:?is not set}
  export -n INFRASTRUCTURE_TOKEN
  forge=${FORGE:-github}
  merge=${MERGE:-}
  if [ -n "$merge" ] && grep -Eq "^[^#]*environment: *[\"']?production\\b" "Pulumi.$stack.yaml"; then
    stop 1 "$stack is production, which only a person merges: leave MERGE empty"
  fi
  branch=release/$stack-$system${workload[1]:+-${workload[1]}}
  title="$system${workload[1]:+ ${workload[1]}} $tag on $stack"
  body=$(printf '%s\n' "${IMAGES:-}" "${SOURCE:-}" | sed '/^$/d')

  for attempt in 1 2 3 4 5; do
    fetch
    git switch --quiet --force-create "$branch" refs/remotes/origin/main
    change
    if git diff --cached --quiet; then
      echo "unchanged: $stack has $system $tag already"
      exit 0
    fi
    previewed
    git -c user.name="$system release" -c user.email=release@localhost commit --quiet -m "$title" -m "$body"
    local code=0
    if pushed; then requested || code=$?; else code=$moved; fi
    if [ "$code" -eq 0 ]; then exit 0; fi
    if [ "$code" -ne "$moved" ]; then exit "$code"; fi
    echo "someone else was faster: carried again on top of that ($attempt of 5)"
    sleep "$attempt"
  done
  stop 1 "main or $branch moved five times meanwhile: run it again"
}

stop() {
  echo "exit $1: $2" >&2
  exit "$1"
}

# git, with the token where a server asks for it: in no argument, address or file.
with_token() {
  # shellcheck disable=SC2016 # It is expanded by the shell that git starts.
  INFRASTRUCTURE_TOKEN=$token git -c credential.helper= \
    -c credential.helper='!echo username=x-access-token; echo "password=$INFRASTRUCTURE_TOKEN"; :' "$@"
}

fetch() {
  with_token fetch --quiet --prune origin '+refs/heads/main:refs/remotes/origin/main' \
    '+refs/heads/release/*:refs/remotes/origin/release/*'
}

change() {
  npm run --silent release -- "$stack" "$system" "$tag" ${workload[@]+"${workload[@]}"}
  git add -- "Pulumi.$stack.yaml"
  if [ -d "${MIGRATIONS:-}" ]; then
    local to=${MIGRATIONS_TO:-systems/$system/migrations}
    npm run --silent migrations -- "$MIGRATIONS" "$to"
    git add --all -- "$to"
  fi
}

# Without credentials, and before anything leaves this machine.
previewed() {
  local code=0
  npm run --silent preview -- "$stack" --base HEAD --only changes --fail-on-data-loss --fail-on-policy --fail-on-capacity || code=$?
  if [ "$code" -ne 0 ]; then stop "$code" "the preview of $stack refuses $system $tag; nothing was pushed"; fi
}

# Whether the branch is at the commit. Not if somebody has moved it since it was fetched.
pushed() {
  local there options=()
  there=$(git rev-parse --quiet --verify "refs/remotes/origin/$branch" || true)
  if [ -n "$there" ] && git diff --quiet HEAD "$there" && [ "$(git rev-parse HEAD^)" = "$(git rev-parse "$there^")" ]; then
    git reset --quiet --hard "$there"
    return 0
  fi
  if [ "$forge" = gitlab ]; then
    options=(-o merge_request.create -o merge_request.target=main -o merge_request.remove_source_branch)
    if [ -n "$merge" ]; then options+=(-o merge_request.auto_merge); fi
  fi
  if with_token push --quiet --force-with-lease="refs/heads/$branch:$there" ${options[@]+"${options[@]}"} \
    origin "HEAD:refs/heads/$branch"; then return 0; fi
  fetch
  if [ "$there" = "$(git rev-parse --quiet --verify "refs/remotes/origin/$branch" || true)" ]; then
    stop 1 "$branch could not be pushed"
  fi
  return 1
}

# Opens or renews the pull request, and merges it where that is asked for.
requested() {
  if [ "$forge" = gitlab ]; then return 0; fi
  INFRASTRUCTURE_TOKEN=$token node_modules/.bin/node ci/pull-request.ts "$branch" "$(git rev-parse HEAD)" "$title" "$body" "$merge"
}

# In one piece: git changes the files of this folder, this one among them, while bash reads it.
main "$@"
