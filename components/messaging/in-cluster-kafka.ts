import type * as pulumi from "@pulumi/pulumi";
import type { KafkaSetting } from "../../settings/slices/data-services.ts";
import { samePort } from "../workload/service.ts";
import type { OwnedContainer } from "../workload/shaped-pod.ts";
import { hostService, StatefulWorkload } from "../workload/stateful-workload.ts";
import { heapOptions } from "./heap.ts";
import type { Brokers, KafkaArgs } from "./brokers.ts";
import { ZooKeeper } from "./zookeeper.ts";

type Args = KafkaArgs & { readonly setting: Extract<KafkaSetting, { kind: "in-cluster" }> };

const port = 9092;
const claimName = "kafka-data";

/**
 * Kafka brokers as a StatefulSet, with a ZooKeeper ensemble. With three brokers or more, a write is acknowledged when two of
 * three copies have it, and one broker may be away. The brokers ask nobody to log in; NetworkPolicies let only workloads
 * connect that declare it.
 */
export function inClusterKafka(name: string, args: Args, parent: pulumi.Resource): Brokers {
  const { site, namespace, serverName, setting } = args;
  const zookeeper = new ZooKeeper(
    `${name}-zookeeper`,
    { site, namespace, ...args.zookeeper, setting: setting.zookeeper },
    { parent },
  );
  const replication = Math.min(setting.brokers, 3);
  const minInsync = replication > 2 ? 2 : 1;
  const set = new StatefulWorkload(
    name,
    {
      site,
      namespace,
      workloadName: serverName,
      labels: args.labels,
      replicas: setting.brokers,
      ports: [samePort("broker", port)],
      peerPorts: [port],
      claim: { name: claimName, size: setting.storage, storageClass: site.storageClass() },
      connectsTo: [zookeeper.endpoint],
      pod: { containers: [container(args, zookeeper, replication, minInsync)] },
    },
    { parent },
  );
  const servers = Array.from(
    { length: setting.brokers },
    (_, i) => `${serverName}-${i}.${hostService(namespace, serverName)}:${port}`,
  );
  return {
    bootstrapServers: servers.join(","),
    endpoint: set.endpoint,
    security: { protocol: "PLAINTEXT" },
    password: undefined,
    caCertificate: undefined,
    replication,
    minInsync,
  };
}

function container(args: Args, zookeeper: ZooKeeper, replication: number, minInsync: number): OwnedContainer {
  const { setting, serverName, namespace } = args;
  return {
    name: "kafka",
    image: args.site.images.kafka,
    env: {
      POD_NAME: { fieldPath: "metadata.name" },
      KAFKA_BROKER_ID: { fieldPath: "metadata.labels['apps.kubernetes.io/pod-index']" },
      KAFKA_ZOOKEEPER_CONNECT: zookeeper.connect,
      KAFKA_LISTENERS: `PLAINTEXT://0.0.0.0:${port}`,
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://$(POD_NAME).${hostService(namespace, serverName)}:${port}`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: "PLAINTEXT:PLAINTEXT",
      KAFKA_INTER_BROKER_LISTENER_NAME: "PLAINTEXT",
      KAFKA_LOG_DIRS: "/var/lib/kafka/data",
      KAFKA_DEFAULT_REPLICATION_FACTOR: String(replication),
      KAFKA_MIN_INSYNC_REPLICAS: String(minInsync),
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: String(replication),
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: String(replication),
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: String(minInsync),
      KAFKA_LOG_RETENTION_HOURS: String(setting.retentionHours),
      KAFKA_COMPRESSION_TYPE: "snappy",
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: "false",
      KAFKA_UNCLEAN_LEADER_ELECTION_ENABLE: "false",
      KAFKA_HEAP_OPTS: heapOptions(namespace.shape(serverName).resources.limits.memory),
    },
    mounts: [
      // A folder of the volume, because the broker refuses to start in the volume's root, which contains lost+found.
      { path: "/var/lib/kafka/data", subPath: "data", volume: { kind: "claim", name: claimName } },
    ],
  };
}
