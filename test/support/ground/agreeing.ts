/** Settings with which the program agrees with the installations in `test/ground` on what Kubernetes lets nobody change. */
import type { Patch } from "../../../graph/render/configuration.ts";
import type { Documented } from "./ground.ts";

const inCluster = { kind: "in-cluster", size: null, nodes: null, name: null, tls: null, connectionPool: null };
const claim = (name: string, size: string, mounts: object, storageClass?: string) => ({
  ...{ name, size, mounts },
  ...(storageClass && { storageClass }),
});

/** By system, over the stack file of production. */
export const agreeing: Readonly<Record<Documented, Patch>> = {
  hermes: {
    namespace: { name: "kafka", create: false },
    database: inCluster,
    workloads: {
      "ipfs-cache-postgres": {
        running: { headless: false, claims: [claim("data", "10Gi", { "/var/lib/postgresql/data": "" })] },
      },
    },
  },
  gx: {
    database: inCluster,
    redis: inCluster,
    workloads: {
      postgres: {
        running: {
          claims: [claim("postgres-storage", "100Gi", { "/var/lib/postgresql/data": "" }, "do-block-storage")],
        },
      },
      redis: {
        running: {
          ...{ serviceName: "redis-master", headless: false },
          claims: [claim("redis-data", "20Gi", { "/data": "" }, "do-block-storage")],
        },
      },
    },
  },
  dotdo: {},
  bowmark: { namespace: { name: "default", create: false } },
  caracal: {
    database: inCluster,
    redis: inCluster,
    workloads: {
      "caracal-zookeeper": {
        running: {
          podManagement: "OrderedReady",
          claims: [
            claim("zookeeper-data", "10Gi", { "/var/lib/zookeeper/data": "data" }),
            claim("zookeeper-log", "10Gi", { "/var/lib/zookeeper/log": "log" }),
          ],
        },
      },
      "caracal-kafka": {
        running: {
          podManagement: "OrderedReady",
          claims: [claim("kafka-data", "20Gi", { "/var/lib/kafka/data": "data" })],
        },
      },
      "caracal-postgres": {
        // Files of the Alpine image belong to its own user.
        user: { uid: 70, gid: 70 },
        running: { claims: [claim("postgres-data", "10Gi", { "/var/lib/postgresql/data": "" })] },
      },
      "caracal-redis": {
        running: {
          ...{ serviceName: "caracal-redis", headless: false },
          claims: [claim("redis-data", "10Gi", { "/data": "" })],
        },
      },
    },
  },
};
