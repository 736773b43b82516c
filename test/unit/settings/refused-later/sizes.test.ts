/** Sizes, and what DigitalOcean has on offer where. Sources of the limits: `catalogue/`. */
import { caracal, expectRefused, gx, hermes, platform, pools, workload, type Patch } from "./support.ts";

const inCluster = (cluster: Patch) => ({ [platform]: { cluster } });
const managedGx = (database: Patch) => ({ [gx]: { database: { kind: "managed", nodes: 1, ...database } } });

expectRefused([
  // Sizes
  [
    "a request above its limit",
    workload(gx, "projector", { resources: { requests: { cpu: "9" } } }),
    `${gx}.workloads.projector.resources.requests.cpu`,
    /more than the limit/,
  ],
  [
    "Prometheus' request above its limit",
    {
      [platform]: {
        monitoring: { resources: { requests: { cpu: "1", memory: "5Gi" }, limits: { cpu: "1", memory: "3Gi" } } },
      },
    },
    `${platform}.monitoring.resources.requests.memory`,
    /more than the limit of 3Gi/,
  ],
  [
    "a minimum above the maximum",
    workload(gx, "svc-identity", { autoscaling: { min: 20, max: 10 } }),
    `${gx}.workloads.svc-identity.autoscaling.min`,
    /more than max, 10/,
  ],
  [
    "a pool's minimum above its maximum",
    pools({ general: { min: 40 } }),
    `${platform}.pools.general.max`,
    /less than min, 40/,
  ],
  [
    "half a byte of memory",
    workload(gx, "projector", { resources: { limits: { memory: "512m" } } }),
    `${gx}.workloads.projector.resources.limits.memory`,
    /not valid/,
  ],
  [
    "a pod that no node of its pool holds",
    pools({ general: { size: "s-2vcpu-2gb" } }),
    `${caracal}.workloads.caracal-kafka.resources.requests.memory`,
    /more than a node of pool general has/,
  ],
  ["a volume above 16 TiB", { [hermes]: { database: { storage: "20Ti" } } }, `${hermes}.database.storage`, /not valid/],
  ["a volume below 1 GiB", { [hermes]: { database: { storage: "1Ki" } } }, `${hermes}.database.storage`, /not valid/],
  [
    "Prometheus' volume below 1 GiB",
    { [platform]: { monitoring: { storage: "512Mi" } } },
    `${platform}.monitoring.storage`,
    /not valid/,
  ],
  [
    "buffers above what the container may have",
    { [hermes]: { database: { parameters: { shared_buffers: "2GB" } } } },
    `${hermes}.database.parameters.shared_buffers`,
    /three quarters of the container's limit/,
  ],
  [
    "buffers in a unit that PostgreSQL does not read",
    { [hermes]: { database: { parameters: { shared_buffers: "128Mi" } } } },
    `${hermes}.database.parameters.shared_buffers`,
    /not a size that PostgreSQL reads/,
  ],
  // Regions and slugs
  ["a region that is none", { [platform]: { region: "xxx9" } }, `${platform}.region`, /not a region with Kubernetes/],
  [
    "a region without Kubernetes",
    { [platform]: { region: "nyc2" } },
    `${platform}.region`,
    /not a region with Kubernetes/,
  ],
  [
    "a region without Spaces",
    { [platform]: { storageRegion: "nyc1" } },
    `${platform}.storageRegion`,
    /not a region with Spaces/,
  ],
  [
    "a region without a registry",
    { [platform]: { storageRegion: "tor1" } },
    `${platform}.storageRegion`,
    /not a region with a container registry/,
  ],
  [
    "a size of nodes that nobody sells",
    pools({ general: { size: "s-5vcpu-9gb" } }),
    `${platform}.pools.general.size`,
    /not a size of nodes/,
  ],
  [
    "a size of databases that nobody sells",
    managedGx({ size: "db-s-9vcpu-1gb" }),
    `${gx}.database.size`,
    /not a size of managed PostgreSQL/,
  ],
  [
    "a size that another engine has",
    managedGx({ size: "m-2vcpu-16gb" }),
    `${gx}.database.size`,
    /not a size of managed PostgreSQL/,
  ],
  [
    "a standby on the smallest size",
    managedGx({ size: "db-s-1vcpu-1gb", nodes: 2 }),
    `${gx}.database.nodes`,
    /not a number of nodes/,
  ],
  [
    "Kafka of a count that DigitalOcean does not build",
    { [caracal]: { kafka: { kind: "managed", size: "db-s-2vcpu-4gb", nodes: 6, brokers: null, zookeeper: null } } },
    `${caracal}.kafka.nodes`,
    /not a number of nodes/,
  ],
  [
    "more pooled connections than the plan has",
    managedGx({ size: "db-s-1vcpu-2gb", connectionPool: { size: 500 } }),
    `${gx}.database.connectionPool.size`,
    /more than the 47 connections/,
  ],
  [
    "a Kubernetes that is not there yet",
    inCluster({ version: "1.99" }),
    `${platform}.cluster.version`,
    /not a minor of DOKS/,
  ],
  ["a Kubernetes that is gone", inCluster({ version: "1.20" }), `${platform}.cluster.version`, /not a minor of DOKS/],
]);
