#!/bin/bash
# Starts ZooKeeper with an id of its own: the pod's ordinal, counted from 1, as the list of servers does.
set -euo pipefail

export ZOOKEEPER_SERVER_ID=$((${HOSTNAME##*-} + 1))
exec "${IMAGE_START:-/etc/confluent/docker/run}"
