#!/bin/bash
# Checks the workflows, where Go is installed; the tool is built from its module.
set -euo pipefail
if ! command -v go >/dev/null; then
  echo "skipped: actionlint needs Go, which is not installed"
  exit 0
fi
root=$(cd "$(dirname "$0")/../../.." && pwd)
cd "$(dirname "$0")/actionlint"
go tool actionlint "$root"/.github/workflows/*.yml "$root"/examples/*/.github/workflows/*.yml
