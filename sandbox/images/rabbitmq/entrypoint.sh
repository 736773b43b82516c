#!/bin/bash
# What the official image does before its server: refuses variables that it no longer knows. Source: Docker Hub, "rabbitmq",
# "Environment Variables".
set -euo pipefail

old=$(compgen -v | grep -E '^RABBITMQ_(VM_MEMORY_HIGH_WATERMARK|SSL_|MANAGEMENT_SSL_|DEFAULT_(USER|PASS)_FILE)' || true)
if [ -n "$old" ]; then
  echo "error: these environment variables are no longer supported: $old" >&2
  exit 1
fi
exec "$@"
