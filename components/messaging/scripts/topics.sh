#!/bin/bash
# Makes the topics of $TOPICS (a file: name, partitions and settings a line) exist with their settings. Safe to run again.
# Partitions are added where there are too few; there is no way to take some away.
set -euo pipefail

server=(--bootstrap-server "$BOOTSTRAP_SERVERS")
[ -z "${COMMAND_CONFIG:-}" ] || server+=(--command-config "$COMMAND_CONFIG")

while read -r topic partitions settings; do
  create=()
  for setting in ${settings//,/ }; do create+=(--config "$setting"); done
  kafka-topics "${server[@]}" --create --if-not-exists --topic "$topic" --partitions "$partitions" \
    --replication-factor "$REPLICATION" "${create[@]}" </dev/null
  have=$(kafka-topics "${server[@]}" --describe --topic "$topic" </dev/null | sed -n 's/.*PartitionCount: *\([0-9]*\).*/\1/p')
  if [ "$have" -gt "$partitions" ]; then
    echo "$topic has $have partitions, more than the $partitions of the settings: topics do not shrink" >&2
    exit 1
  fi
  [ "$have" -eq "$partitions" ] ||
    kafka-topics "${server[@]}" --alter --topic "$topic" --partitions "$partitions" </dev/null
  kafka-configs "${server[@]}" --alter --entity-type topics --entity-name "$topic" --add-config "$settings" </dev/null
  echo "topic $topic: $partitions partitions, $settings"
done <"$TOPICS"
