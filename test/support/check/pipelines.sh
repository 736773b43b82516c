#!/bin/bash
# Checks the pipelines of examples/ for CircleCI and GitLab against the schemas that those publish, where Python is installed.
# The tool has them inside, so nothing is asked of a server but its package, once.
set -euo pipefail
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
  echo "skipped: check-jsonschema needs Python with venv, which is not installed"
  exit 0
fi
root=$(cd "$(dirname "$0")/../../.." && pwd)
version=0.39.0
folder=$root/.cache/check-jsonschema-$version
# By its module: the scripts of a folder of Python packages name where it was made, which a moved project is not.
tool() {
  local told
  told=$("$folder/bin/python" -m check_jsonschema "$@" 2>&1) || { echo "$told" && return 1; }
}
if ! tool --version >/dev/null; then
  python3 -m venv --clear "$folder"
  if ! "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "check-jsonschema==$version"; then
    echo "skipped: check-jsonschema could not be installed"
    exit 0
  fi
fi
cd "$root"
tool --builtin-schema vendor.circle-ci examples/*/.circleci/config.yml
tool --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci examples/*/.gitlab-ci.yml
