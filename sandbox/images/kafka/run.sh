#!/bin/bash
# /etc/confluent/docker/run: writes the settings of a broker or of ZooKeeper from variables, waits for what it needs, and
# starts it. Source: Confluent, "Docker Image Configuration Reference".
set -euo pipefail

# KAFKA_A_B is a.b; three signs _ are -, two are _.
setting() {
  local name=${1#"$2"}
  name=${name//___/-}
  name=${name//__/+}
  name=${name//_/.}
  name=${name//+/_}
  printf %s "${name,,}"
}
is_option() { [[ $1 =~ ^KAFKA_(HEAP_OPTS|OPTS|JMX_.*|LOG4J_.*|GC_LOG_OPTS|JVM_PERFORMANCE_OPTS|TOOLS_LOG4J_.*|VERSION)$ ]]; }
require() { [ -n "${!1:-}" ] || { echo "$1 is required." >&2; exit 1; }; }

cat >/etc/kafka/log4j.properties <<'LOG'
log4j.rootLogger=INFO, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=[%d] %p %m (%c)%n
LOG
export KAFKA_LOG4J_OPTS=-Dlog4j.configuration=file:/etc/kafka/log4j.properties

if [ "$COMPONENT" = zookeeper ]; then
  require ZOOKEEPER_CLIENT_PORT
  declare -A names=([TICK_TIME]=tickTime [INIT_LIMIT]=initLimit [SYNC_LIMIT]=syncLimit [CLIENT_PORT]=clientPort
    [MAX_CLIENT_CNXNS]=maxClientCnxns [QUORUM_LISTEN_ON_ALL_IPS]=quorumListenOnAllIPs
    [AUTOPURGE_PURGE_INTERVAL]=autopurge.purgeInterval [AUTOPURGE_SNAP_RETAIN_COUNT]=autopurge.snapRetainCount)
  file=/etc/kafka/zookeeper.properties
  echo "dataDir=/var/lib/zookeeper/data" >"$file"
  echo "dataLogDir=/var/lib/zookeeper/log" >>"$file"
  echo "admin.enableServer=false" >>"$file"
  for name in "${!names[@]}"; do
    variable=ZOOKEEPER_$name
    [ -z "${!variable:-}" ] || echo "${names[$name]}=${!variable}" >>"$file"
  done
  number=0
  IFS=';' read -ra servers <<<"${ZOOKEEPER_SERVERS:-}"
  for server in "${servers[@]}"; do echo "server.$((number += 1))=$server" >>"$file"; done
  [ -z "${ZOOKEEPER_SERVER_ID:-}" ] || echo "$ZOOKEEPER_SERVER_ID" >/var/lib/zookeeper/data/myid
  exec kafka-run-class org.apache.zookeeper.server.quorum.QuorumPeerMain "$file"
fi

require KAFKA_ADVERTISED_LISTENERS
file=/etc/kafka/kafka.properties
: >"$file"
for variable in $(compgen -e KAFKA_); do
  is_option "$variable" || printf '%s=%s\n' "$(setting "$variable" KAFKA_)" "${!variable}" >>"$file"
done
if [ -z "${KAFKA_PROCESS_ROLES:-}" ]; then
  require KAFKA_ZOOKEEPER_CONNECT
  # Forty seconds for a first answer, as the image waits.
  first=${KAFKA_ZOOKEEPER_CONNECT%%,*}
  for attempt in $(seq 40); do
    (: <"/dev/tcp/${first%%:*}/${first##*:}") 2>/dev/null && break
    [ "$attempt" -lt 40 ] || { echo "ZooKeeper at $first is not there" >&2; exit 1; }
    sleep 1
  done
fi
exec kafka-run-class kafka.Kafka "$file"
