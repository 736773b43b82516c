#!/bin/bash
# Checks the scripts that run in pods and in CI, where shellcheck is installed.
set -euo pipefail
if ! command -v shellcheck >/dev/null; then
  echo "skipped: shellcheck is not installed"
  exit 0
fi
git ls-files -z '*.sh' .ci/run | xargs -0 shellcheck --external-sources
