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
tool=$root/.cache/check-jsonschema-$version
if [ ! -x "$tool/bin/check-jsonschema" ]; then
  python3 -m venv "$tool"
  if ! "$tool/bin/pip" install --quiet --disable-pip-version-check "check-jsonschema==$version"; then
    echo "skipped: check-jsonschema could not be installed"
    exit 0
  fi
fi
cd "$root"
"$tool/bin/check-jsonschema" --quiet --builtin-schema vendor.circle-ci examples/*/.circleci/config.yml
"$tool/bin/check-jsonschema" --quiet --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci examples/*/.gitlab-ci.yml
