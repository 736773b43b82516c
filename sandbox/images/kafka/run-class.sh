#!/bin/bash
# kafka-run-class, and by their own names the tools that it runs.
set -euo pipefail

case $(basename "$0") in
kafka-topics) set -- org.apache.kafka.tools.TopicCommand "$@" ;;
kafka-configs) set -- kafka.admin.ConfigCommand "$@" ;;
kafka-broker-api-versions) set -- kafka.admin.BrokerApiVersionsCommand "$@" ;;
kafka-console-producer) set -- kafka.tools.ConsoleProducer "$@" ;;
kafka-console-consumer) set -- org.apache.kafka.tools.consumer.ConsoleConsumer "$@" ;;
kafka-consumer-groups) set -- org.apache.kafka.tools.consumer.group.ConsumerGroupCommand "$@" ;;
esac
if [ -n "${JMX_PORT:-}" ]; then
  KAFKA_JMX_OPTS="${KAFKA_JMX_OPTS:--Dcom.sun.management.jmxremote -Dcom.sun.management.jmxremote.authenticate=false -Dcom.sun.management.jmxremote.ssl=false} -Dcom.sun.management.jmxremote.port=$JMX_PORT"
fi
# shellcheck disable=SC2086 # options
exec java ${KAFKA_HEAP_OPTS:--Xmx256M} -XX:TieredStopAtLevel=1 ${KAFKA_LOG4J_OPTS:-} ${KAFKA_JMX_OPTS:-} ${KAFKA_OPTS:-} \
  -cp '/usr/share/java/kafka/*' "$@"
