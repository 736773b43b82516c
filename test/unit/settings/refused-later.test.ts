/**
 * What a careless edit of a stack's file would have DigitalOcean or Kubernetes refuse in the middle of an update.
 * Sources of the limits: `catalogue/`.
 */
import { describe, expect, it } from "vitest";
import { problems as problemsOf } from "../../support/stack.ts";

const platform = "doks-systems:platform";
const bowmark = "doks-systems:bowmark";
const hermes = "doks-systems:hermes";
const gx = "doks-systems:gx";
const dotdo = "doks-systems:dotdo";
const caracal = "doks-systems:caracal";
type Patch = Record<string, unknown>;
const problems = (patch: Patch) => problemsOf("prod", patch);

const inCluster = (cluster: Patch) => ({ [platform]: { cluster } });
const pools = (all: Patch) => ({ [platform]: { pools: all } });
const managedGx = (database: Patch) => ({ [gx]: { database: { kind: "managed", nodes: 1, ...database } } });
const backup = (setting: Patch) => ({ [hermes]: { backup: setting } });
const workload = (key: string, name: string, setting: Patch) => ({ [key]: { workloads: { [name]: setting } } });

describe("what would be refused in the middle of an update is refused before", () => {
  it.each<[string, Patch, string, RegExp]>([
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
    [
      "a volume above 16 TiB",
      { [hermes]: { database: { storage: "20Ti" } } },
      `${hermes}.database.storage`,
      /not valid/,
    ],
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
    // Networks
    [
      "pods in the VPC's range",
      inCluster({ clusterSubnet: "10.20.0.0/16" }),
      `${platform}.cluster.clusterSubnet`,
      /overlaps vpcRange/,
    ],
    [
      "a VPC as small as a handful of addresses",
      inCluster({ vpcRange: "10.20.0.0/30" }),
      `${platform}.cluster.vpcRange`,
      /no size for a VPC/,
    ],
    [
      "a VPC larger than DigitalOcean makes",
      inCluster({ vpcRange: "10.64.0.0/12" }),
      `${platform}.cluster.vpcRange`,
      /no size for a VPC/,
    ],
    [
      "a VPC without room for the pools",
      inCluster({ vpcRange: "10.20.0.0/27" }),
      `${platform}.cluster.vpcRange`,
      /no addresses for \d+ nodes/,
    ],
    ["host bits", inCluster({ vpcRange: "10.20.1.7/20" }), `${platform}.cluster.vpcRange`, /begins in the middle/],
    ["a public range", inCluster({ vpcRange: "52.10.0.0/20" }), `${platform}.cluster.vpcRange`, /not a private range/],
    [
      "a range that DigitalOcean keeps everywhere",
      inCluster({ clusterSubnet: "10.244.0.0/16" }),
      `${platform}.cluster.clusterSubnet`,
      /touches 10\.244\.0\.0\/16/,
    ],
    [
      "a range that DigitalOcean keeps in this region",
      inCluster({ vpcRange: "10.10.0.0/20" }),
      `${platform}.cluster.vpcRange`,
      /touches 10\.10\.0\.0\/16/,
    ],
    [
      "pods' range smaller than the pools",
      inCluster({ clusterSubnet: "10.100.0.0/24" }),
      `${platform}.cluster.clusterSubnet`,
      /room for 2 nodes/,
    ],
    [
      "more nodes than a cluster has",
      pools({ general: { max: 512 } }),
      `${platform}.pools`,
      /more nodes at most than a cluster/,
    ],
    // Names
    [
      "a system in kube-system",
      { [hermes]: { namespace: { name: "kube-system" } } },
      `${hermes}.namespace.name`,
      /cut off DNS/,
    ],
    [
      "a system in a namespace of Kubernetes' own",
      { [hermes]: { namespace: { name: "kube-flannel" } } },
      `${hermes}.namespace.name`,
      /cut off DNS/,
    ],
    [
      "a system in an adopted kube-system",
      { [hermes]: { namespace: { name: "kube-system", create: false } } },
      `${hermes}.namespace.name`,
      /cut off DNS/,
    ],
    [
      "a system among the monitoring",
      { [hermes]: { namespace: { name: "monitoring" } } },
      `${hermes}.namespace.name`,
      /namespace of .*monitoring/,
    ],
    [
      "a system beside cert-manager",
      { [hermes]: { namespace: { name: "cert-manager" } } },
      `${hermes}.namespace.name`,
      /namespace of .*certManager/,
    ],
    [
      "a system beside the proxies",
      { [hermes]: { namespace: { name: "envoy-gateway-system" } } },
      `${hermes}.namespace.name`,
      /namespace of .*envoyGateway/,
    ],
    [
      "two systems in one namespace",
      { [hermes]: { namespace: { name: "caracal" } } },
      `${caracal}.namespace.name`,
      /namespace of .*hermes/,
    ],
    [
      "two managed databases of one name",
      {
        [gx]: { database: { kind: "managed", name: "shared", size: "db-s-1vcpu-2gb" } },
        [bowmark]: { database: { kind: "managed", name: "shared", size: "db-s-1vcpu-2gb" } },
      },
      `${bowmark}.database.name`,
      /DigitalOcean name of .*gx/,
    ],
    [
      "a pool of the built-in one's name",
      pools({ system: { size: "s-2vcpu-4gb", min: 1, max: 2 } }),
      `${platform}.pools.system`,
      /built-in pool/,
    ],
    [
      "a host outside the domains",
      { [dotdo]: { ingress: { host: "do.example.org" } } },
      `${dotdo}.ingress.host`,
      /lies in no domain/,
    ],
    [
      "a load balancer's host outside the domains",
      { [caracal]: { host: "gateway.example.org" } },
      `${caracal}.host`,
      /lies in no domain/,
    ],
    [
      "an address that Let's Encrypt refuses",
      { [platform]: { edge: { acmeEmail: "ops@example.com" } } },
      `${platform}.edge.acmeEmail`,
      /Let's Encrypt refuses/,
    ],
    [
      "nobody in front of public hosts",
      { [platform]: { edge: { kind: "none", acmeEmail: null } } },
      `${platform}.edge.kind`,
      /without anybody who serves them/,
    ],
    // Schedules
    ["an hour that no day has", backup({ schedule: "60 25 * * *" }), `${hermes}.backup.schedule`, /not valid/],
    ["letters for a schedule", backup({ schedule: "a b c d e" }), `${hermes}.backup.schedule`, /not valid/],
    ["30 February", backup({ schedule: "0 0 30 2 *" }), `${hermes}.backup.schedule`, /not valid/],
    [
      "Sunday as day 7, which Kubernetes refuses",
      backup({ schedule: "0 0 * * 7" }),
      `${hermes}.backup.schedule`,
      /not valid/,
    ],
    [
      "the last day of the month, which Kubernetes refuses",
      backup({ schedule: "0 0 L * *" }),
      `${hermes}.backup.schedule`,
      /not valid/,
    ],
    // Images
    [
      "another major version over a volume",
      { [platform]: { images: { postgres: { "16": "postgres:17.2" } } } },
      `${platform}.images.postgres["16"]`,
      /is PostgreSQL 17, and this one is 16/,
    ],
    [
      "Alpine over Debian's files",
      { [platform]: { images: { postgres: { "16": "postgres:16.2-alpine" } } } },
      `${platform}.images.postgres["16"]`,
      /the Alpine image/,
    ],
    [
      "another major version of one server",
      workload(hermes, "ipfs-cache-postgres", { image: "postgres:17.2-alpine" }),
      `${hermes}.workloads.ipfs-cache-postgres.image`,
      /is PostgreSQL 17/,
    ],
    ["a tag that is none", { [bowmark]: { imageTag: "1.4 0" } }, `${bowmark}.imageTag`, /not valid/],
    [
      "a repository with a tag",
      { [bowmark]: { images: { repository: "itsdevin:v1" } } },
      `${bowmark}.images.repository`,
      /not valid/,
    ],
    // Servers that exist already
    [
      "a private address that nobody admits",
      { [gx]: { redis: { kind: "existing", host: "10.116.0.5", tls: false } } },
      `${gx}.redis.host`,
      /only the internet is admitted/,
    ],
    [
      "an address outside its range",
      { [gx]: { redis: { kind: "existing", host: "10.117.0.5", tls: false, privateRange: "10.116.0.0/20" } } },
      `${gx}.redis.host`,
      /is not in privateRange/,
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
      { [bowmark]: { rabbitmq: { config: { "vm_memory_high_watermark.absolute": "4GB" } } } },
      `${bowmark}.rabbitmq.config["vm_memory_high_watermark.absolute"]`,
      /more than the container's limit/,
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
  ])("%s", (_what, patch, path, problem) => {
    expect(problems(patch)).toContainEqual(
      expect.objectContaining({ path, problem: expect.stringMatching(problem) as string }),
    );
  });
});
