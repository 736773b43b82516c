/** Servers, workloads, charts and buckets. Sources of the limits: `catalogue/`. */
import { bowmark, dotdo, expectRefused, gx, hermes, platform, workload } from "./support.ts";

expectRefused([
  // Servers that exist already
  [
    "a private address that nobody admits",
    { [gx]: { redis: { kind: "existing", host: "10.116.0.5", tls: false } } },
    `${gx}.redis.host`,
    /only the internet is admitted/,
  ],
  [
    "an address outside its range",
    {
      [gx]: {
        redis: {
          kind: "existing",
          host: "10.117.0.5",
          tls: false,
          where: { kind: "private", addresses: ["10.116.0.0/20"] },
        },
      },
    },
    `${gx}.redis.host`,
    /is not in where.addresses/,
  ],
  // Servers of the cluster
  [
    "connections that are no count",
    { [hermes]: { database: { parameters: { max_connections: "many" } } } },
    `${hermes}.database.parameters.max_connections`,
    /not a count/,
  ],
  [
    "a port that probes do not know",
    { [hermes]: { database: { parameters: { port: "5433" } } } },
    `${hermes}.database.parameters.port`,
    /the program's own/,
  ],
  [
    "Redis without its log",
    { [gx]: { redis: { parameters: { appendonly: "no" } } } },
    `${gx}.redis.parameters.appendonly`,
    /the program's own/,
  ],
  [
    "more memory than the broker's container has",
    { [bowmark]: { rabbitmq: { kind: "in-cluster", config: { "vm_memory_high_watermark.absolute": "4GB" } } } },
    `${bowmark}.rabbitmq.config["vm_memory_high_watermark.absolute"]`,
    /more than the container's limit/,
  ],
  [
    "more free disk than the broker's volume has",
    { [bowmark]: { rabbitmq: { kind: "in-cluster", config: { "disk_free_limit.absolute": "6GB" } } } },
    `${bowmark}.rabbitmq.config["disk_free_limit.absolute"]`,
    /not less than the volume's 5Gi: publishers would wait for ever/,
  ],
  [
    "more free disk than the broker's volume has, in times of its memory",
    { [bowmark]: { rabbitmq: { kind: "in-cluster", config: { "disk_free_limit.relative": "10.0" } } } },
    `${bowmark}.rabbitmq.config["disk_free_limit.relative"]`,
    /not less than the volume's 5Gi/,
  ],
  // Workloads
  [
    "a port that is there already",
    workload(gx, "svc-identity", { ports: { other: 3001 } }),
    `${gx}.workloads.svc-identity.ports.other`,
    /is the port http, too/,
  ],
  [
    "a port's name that Kubernetes refuses",
    workload(gx, "svc-identity", { ports: { "a--b": 3002 } }),
    `${gx}.workloads.svc-identity.ports.a--b`,
    /not allowed/,
  ],
  [
    "a user that Linux has not",
    workload(gx, "svc-identity", { user: { uid: 4294967296, gid: 1 } }),
    `${gx}.workloads.svc-identity.user.uid`,
    /too large/,
  ],
  [
    "a label that Kubernetes refuses",
    workload(gx, "svc-identity", { reachedBy: { them: { kind: "pods", labels: { app: "a b" } } } }),
    `${gx}.workloads.svc-identity.reachedBy.them.labels.app`,
    /not valid/,
  ],
  [
    "a Secret's name with two dots",
    workload(gx, "svc-identity", { envFrom: ["a..b"] }),
    `${gx}.workloads.svc-identity.envFrom[0]`,
    /not valid/,
  ],
  [
    "a budget that lets nobody go",
    { [dotdo]: { podDisruptionBudget: { minAvailable: "100%" } } },
    `${dotdo}.podDisruptionBudget.minAvailable`,
    /no node with one could be drained/,
  ],
  [
    "WebSockets on a path of the client's",
    { [bowmark]: { webSocketPaths: ["/ws"] } },
    `${bowmark}.webSocketPaths[0]`,
    /none of serverPaths/,
  ],
  [
    "a stream that ends before it begins",
    { [hermes]: { startBlock: 20, endBlock: 10 } },
    `${hermes}.endBlock`,
    /not after startBlock/,
  ],
  [
    "two variables of one name",
    { [hermes]: { variableNames: { endBlock: "START_BLOCK" } } },
    `${hermes}.variableNames.endBlock`,
    /name of another variable/,
  ],
  // Charts and buckets
  [
    "a chart over the program's own",
    {
      [platform]: {
        addons: { charts: { "cert-manager": { chart: "oci://m/cert-manager", version: "1", namespace: "other" } } },
      },
    },
    `${platform}.addons.charts.cert-manager`,
    /release of the program's own/,
  ],
  [
    "a chart that would make kube-system",
    {
      [platform]: { addons: { charts: { logs: { chart: "oci://m/logs", version: "1", namespace: "kube-system" } } } },
    },
    `${platform}.addons.charts.logs.namespace`,
    /every cluster has already/,
  ],
  [
    "a chart in a system's namespace",
    { [platform]: { addons: { charts: { logs: { chart: "oci://m/logs", version: "1", namespace: "caracal" } } } } },
    `${platform}.addons.charts.logs.namespace`,
    /caracal.namespace.name has already/,
  ],
  [
    "a bucket of a region without Spaces",
    { [bowmark]: { bucket: { kind: "existing", name: "files", region: "nyc1" } } },
    `${bowmark}.bucket.region`,
    /not a region with Spaces/,
  ],
]);
