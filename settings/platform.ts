/** What a stack says about the ground its systems stand on: cluster, pools, registry, domains, edge, add-ons. */
import { z } from "zod";
import { days, dnsLabel, emailAddress, hostName, resources, volumeSize } from "./slices/fields.ts";

const cidr = z.cidrv4("use a CIDR block, such as 10.20.0.0/16");

/** Spaces and registry regions are fewer than cluster regions, so they are set apart (`storageRegion`). */
const region = z.string().regex(/^[a-z]{3}[0-9]$/, "use a DigitalOcean region slug, such as nyc1");

const sizeSlug = z.string().regex(/^[a-z0-9_]+(-[a-z0-9_]+)+$/, "use a Droplet size slug, such as s-4vcpu-8gb");

const minorVersion = z.string().regex(/^1\.[0-9]{2}$/, 'use a Kubernetes minor version in quotes, such as "1.36"');

const createCluster = z.strictObject({
  source: z.literal("create"),
  name: dnsLabel.optional().describe("Default: `doks-<stack>`"),
  version: minorVersion.describe(
    "Kubernetes minor; DigitalOcean's newest patch of it is taken at creation, later patches install themselves.",
  ),
  upgradeTo: minorVersion
    .optional()
    .describe("Set it to the next minor to upgrade in place; afterwards move it to `version`."),
  ha: z.boolean().describe("Highly available control plane: 40 $ a month, cannot be switched off again."),
  systemPool: z
    .strictObject({ size: sizeSlug, count: z.int().min(1).max(10) })
    .describe("The built-in pool, for add-ons. Changing its size replaces the whole cluster, so it stays as it is."),
  vpcRange: cidr
    .default("10.20.0.0/20")
    .describe("Of nodes and managed databases, /16 to /28. No two networks of a DigitalOcean account may overlap."),
  clusterSubnet: cidr
    .default("10.100.0.0/16")
    .describe("Of pods, a /25 for each node; it cannot grow. Changing any of the three replaces the cluster."),
  serviceSubnet: cidr.default("10.101.0.0/19").describe("Of Services, an address each; it cannot grow."),
  maintenance: z
    .strictObject({
      day: z.enum(["any", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]),
      startTime: z
        .string()
        .regex(/^([01][0-9]|2[0-3]):00$/, 'use a full hour in UTC, in quotes, such as "04:00"')
        .describe("UTC."),
    })
    .default({ day: "sunday", startTime: "04:00" }),
});

const kubeconfigCluster = z.strictObject({
  source: z.literal("kubeconfig"),
  path: z
    .string()
    .min(1)
    .optional()
    .describe("File to read. Default: what `kubectl` would use: `$KUBECONFIG`, else `~/.kube/config`"),
  context: z.string().min(1).optional().describe("Default: the file's current context"),
});

const stackCluster = z.strictObject({
  source: z.literal("stack"),
  stack: z
    .string()
    .regex(/^[\w.-]+(\/[\w.-]+){0,2}$/, "use a stack's name, such as organization/doks-systems/platform")
    .describe("The stack that made the cluster with this program; its output `platform` says where it is."),
});

const acmeServer = z
  .string()
  .regex(
    /^(production|staging|https:\/\/[^\s/]+\/\S*)$/,
    "use production, staging, or the https address of a directory",
  )
  .default("production")
  .describe(
    "Who issues certificates: Let's Encrypt; its `staging`, whose limits are far higher and whose certificates no browser" +
      " trusts; or the directory of another ACME server that asks for no account made beforehand. A change issues every" +
      " certificate anew.",
  );

const certificates = z
  .enum(["host", "system"])
  .default("host")
  .describe(
    "One certificate for each host, or one for all hosts of a system. Browsers send requests for every host of a" +
      " certificate down one HTTP/2 connection, which a gateway with a listener for each host answers wrongly; so hosts" +
      " that share one get HTTP/1.1 only. `system` counts once against the issuer's limits.",
  );

const edge = z.discriminatedUnion("kind", [
  /** Envoy Gateway behind a DigitalOcean load balancer; certificates from Let's Encrypt. */
  z.strictObject({
    kind: z.literal("gateway"),
    acmeEmail: emailAddress,
    acmeServer,
    certificates,
    replicas: z.int().min(1).max(20).default(2).describe("Envoy pods."),
  }),
  /** An ingress controller that the cluster already has. */
  z.strictObject({
    kind: z.literal("ingress"),
    className: dnsLabel.default("nginx"),
    controllerNamespace: dnsLabel.default("ingress-nginx"),
    acmeEmail: emailAddress,
    acmeServer,
  }),
  /** The edge of the stack that made the cluster. */
  z.strictObject({ kind: z.literal("stack"), certificates }),
  z.strictObject({ kind: z.literal("none") }),
]);

const image = z.string().min(1).optional();
const addon = z.enum(["install", "existing", "none"]);

export const platformSetting = z.strictObject({
  environment: z
    .enum(["production", "staging", "local"])
    .describe("`production` protects what holds data and refuses image tags that move."),
  catalogue: z
    .enum(["strict", "lenient"])
    .default("strict")
    .describe(
      "`lenient` takes regions, sizes and versions that this program does not know (yet), and ranges of a cluster that DigitalOcean " +
        "would not give a new one; preflight asks DigitalOcean for them.",
    ),
  region: region.default("nyc1"),
  storageRegion: region.default("nyc3"),
  cluster: z.discriminatedUnion("source", [createCluster, stackCluster, kubeconfigCluster]),
  pools: z
    .record(dnsLabel, z.strictObject({ size: sizeSlug, min: z.int().min(1).max(512), max: z.int().min(1).max(512) }))
    .default({})
    .describe("Node pools by name; `min` and `max` bound DigitalOcean's autoscaler."),
  registry: z
    .discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("create"),
        name: dnsLabel,
        tier: z.enum(["starter", "basic", "professional"]).default("basic"),
      }),
      /** One stack of the account creates the registry, the others use it. */
      z.strictObject({ kind: z.literal("existing"), name: dnsLabel }),
      z.strictObject({ kind: z.literal("none") }),
    ])
    .default({ kind: "none" }),
  domains: z
    .record(hostName, z.enum(["create", "existing", "external"]))
    .default({})
    .describe(
      "Domains of the systems' hosts. This stack writes the records of `create` and `existing`; `create` also makes the zone " +
        "(one stack of the account does); those of `external` are yours to point at the stack's address.",
    ),
  edge: edge.default({ kind: "none" }),
  addons: z
    .strictObject({
      envoyGateway: addon.default("none"),
      certManager: addon.default("none"),
      metricsServer: addon.default("none"),
      prometheus: addon.default("none").describe("kube-prometheus-stack: Prometheus, Alertmanager, Grafana."),
      prometheusAdapter: addon.default("none").describe("Gives autoscalers Prometheus' series as custom metrics."),
      linkerd: z
        .enum(["existing", "none"])
        .default("none")
        .describe("Linkerd is not installed: its releases do not list Kubernetes 1.36 yet."),
      charts: z
        .record(
          dnsLabel,
          z.strictObject({
            chart: z.string().min(1).describe("OCI address, or the chart's name in `repository`."),
            repository: z.url({ protocol: /^https$/ }).optional(),
            version: z.string().min(1),
            namespace: dnsLabel,
            podSecurity: z
              .enum(["restricted", "privileged", "exists"])
              .default("restricted")
              .describe("Pod Security level of the namespace that is made for it; `exists` makes none."),
            values: z.record(z.string(), z.unknown()).default({}).describe("Never a secret."),
          }),
        )
        .default({})
        .describe("Further charts by release name: a log shipper, an exporter."),
      chartMirror: z
        .string()
        .startsWith("oci://", "use an OCI address, such as oci://mirror.example.com/charts")
        .optional()
        .describe(
          "An OCI registry that mirrors the charts, for clusters without internet. Default: the charts' own homes",
        ),
    })
    .prefault({}),
  monitoring: z
    .strictObject({
      namespace: dnsLabel.default("monitoring"),
      pool: dnsLabel.optional().describe("Where Prometheus runs. Default: the system pool"),
      storage: volumeSize.default("20Gi").describe("Size of Prometheus' volume."),
      retentionDays: days.default(15),
      resources: resources.default({ requests: { cpu: "500m", memory: "2Gi" }, limits: { cpu: "2", memory: "3Gi" } }),
    })
    .prefault({})
    .describe("Of the add-on `prometheus`."),
  images: z
    .strictObject({
      postgres: z
        .partialRecord(z.enum(["14", "15", "16", "17", "18"]), z.string().min(1))
        .optional()
        .describe("By major version: a server's, and its clients'."),
      rabbitmq: image,
      redis: image,
      zookeeper: image,
      kafka: image,
      schemaRegistry: image,
      dbmate: image,
      kubectl: image,
      kubectlShell: image,
      awsCli: image,
    })
    .prefault({})
    .describe("Other images than the pinned ones, by name (`components/site/images.ts`)."),
});
export type PlatformSetting = z.infer<typeof platformSetting>;
export type ClusterSetting = PlatformSetting["cluster"];
export type EdgeSetting = PlatformSetting["edge"];
