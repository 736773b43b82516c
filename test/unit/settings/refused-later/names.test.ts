/** Networks, names, schedules and images. Sources of the limits: `catalogue/`. */
import {
  bowmark,
  caracal,
  dotdo,
  expectRefused,
  gx,
  hermes,
  platform,
  pools,
  workload,
  type Patch,
} from "./support.ts";

const inCluster = (cluster: Patch) => ({ [platform]: { cluster } });
const backup = (setting: Patch) => ({ [hermes]: { backup: setting } });

expectRefused([
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
]);
