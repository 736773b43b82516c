#!/bin/bash
# Makes the topics of $TOPICS (a file: name, partitions and settings a line) exist with their settings. Safe to run again.
# Partitions are added where there are too few; there is no way to take some away. Each call of Kafka's tools takes seconds,
# so one asks for everything, and others are made only where something is to change.
set -euo pipefail

server=(--bootstrap-server "$BOOTSTRAP_SERVERS")
[ -z "${COMMAND_CONFIG:-}" ] || server+=(--command-config "$COMMAND_CONFIG")
# A line a topic: `Topic: NAME<tab>…<tab>PartitionCount: N<tab>…<tab>Configs: a=b,c=d`.
known=$(kafka-topics "${server[@]}" --describe </dev/null)

while read -r topic partitions settings; do
  line=$(grep "^Topic: ${topic//./\\.}"$'\t' <<<"$known" || true)
  if [ -z "$line" ]; then
    create=()
    for setting in ${settings//,/ }; do create+=(--config "$setting"); done
    kafka-topics "${server[@]}" --create --if-not-exists --topic "$topic" --partitions "$partitions" \
      --replication-factor "$REPLICATION" "${create[@]}" </dev/null
  else
    have=$(sed -n 's/.*PartitionCount: *\([0-9]*\).*/\1/p' <<<"$line")
    if [ "$have" -gt "$partitions" ]; then
      echo "$topic has $have partitions, more than the $partitions of the settings: topics do not shrink" >&2
      exit 1
    fi
    [ "$have" -eq "$partitions" ] ||
      kafka-topics "${server[@]}" --alter --topic "$topic" --partitions "$partitions" </dev/null
    own=",${line##*Configs: },"
    for setting in ${settings//,/ }; do
      case $own in *",$setting,"*) continue ;; esac
      # All at once: the call takes no longer.
      kafka-configs "${server[@]}" --alter --entity-type topics --entity-name "$topic" --add-config "$settings" </dev/null
      break
    done
  fi
  echo "topic $topic: $partitions partitions, $settings"
done <"$TOPICS"
