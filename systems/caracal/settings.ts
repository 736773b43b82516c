/** Caracal's slice of a stack file. Defaults are the document's (README of the v0.3 manifests) and its public manifests'. */
import { z } from "zod";
import {
  backupSetting,
  kafkaSetting,
  postgresSetting,
  redisSetting,
  snapshotSetting,
} from "../../settings/data-services.ts";
import { usualFacts, type SystemFacts } from "../../settings/facts.ts";
import {
  autoscalingSetting,
  days,
  dnsLabel,
  extraEnv,
  hostName,
  imagesSetting,
  imageTag,
  namespaceSetting,
  neighbours,
  replicaCount,
  resources,
  secretValue,
} from "../../settings/fields.ts";
import { existingSecrets, secretIf } from "../../settings/system-secrets.ts";

const serviceResources = { requests: { cpu: "250m", memory: "256Mi" }, limits: { cpu: "2000m", memory: "1Gi" } };
const consumerResources = { requests: { cpu: "250m", memory: "256Mi" }, limits: { cpu: "1000m", memory: "512Mi" } };
const registryResources = { requests: { cpu: "250m", memory: "512Mi" }, limits: { cpu: "1000m", memory: "1Gi" } };
const databaseResources = { requests: { cpu: "500m", memory: "512Mi" }, limits: { cpu: "2000m", memory: "2Gi" } };

const scaled = (replicas: number, range: { min: number; max: number }) =>
  z
    .strictObject({
      replicas: replicaCount.default(replicas).describe("Without autoscaling."),
      autoscaling: z
        .union([z.literal(false), autoscalingSetting({ ...range, cpuPercent: 70, memoryPercent: 80 })])
        .default(false),
      resources: resources.default(serviceResources),
    })
    .prefault({});

const pem = (label: string) =>
  z.string().startsWith(`-----BEGIN ${label}-----`, `give it as PEM: -----BEGIN ${label}-----`);

const partitions = z.int().min(1).max(1000);

export const caracalSetting = z
  .strictObject({
    namespace: namespaceSetting("caracal"),
    imageTag,
    images: imagesSetting,
    pool: dnsLabel.default("general"),
    host: hostName.describe("The gateway's public name, which its certificate is for."),
    exposure: z
      .discriminatedUnion("kind", [
        /** A load balancer that passes TLS through to the gateway, so that client certificates reach it. */
        z.strictObject({
          kind: z.literal("load-balancer"),
          sourceRanges: z
            .array(z.cidrv4("use a CIDR block, such as 203.0.113.0/24"))
            .default([])
            .describe("Who may connect. Default: everybody with a certificate"),
        }),
        z.strictObject({ kind: z.literal("cluster-ip") }),
      ])
      .default({ kind: "load-balancer", sourceRanges: [] }),
    mtls: z.boolean().default(true).describe("Clients must show a certificate of the authority."),
    certificates: z
      .discriminatedUnion("kind", [
        /** An authority of the stack's own, and certificates that it signs. */
        z.strictObject({
          kind: z.literal("generated"),
          authorityDays: days.default(1825),
          serverDays: days.default(365),
          clientDays: days.default(365),
          furtherNames: z.array(hostName).default([]).describe("Of the gateway's certificate, beside its host."),
        }),
        /** PEM files among the stack's secrets. */
        z.strictObject({ kind: z.literal("given") }),
      ])
      .default({ kind: "generated", authorityDays: 1825, serverDays: 365, clientDays: 365, furtherNames: [] }),
    jwtPublicKey: pem("PUBLIC KEY")
      .optional()
      .describe("Of whoever issues tokens. Default: a pair is generated, its private half is an output"),
    gateway: scaled(3, { min: 3, max: 10 }),
    adapter: scaled(2, { min: 2, max: 8 }),
    adapterClients: neighbours.describe("Pods that may use the MCP adapter, by name."),
    mcpServers: z.string().default("").describe("As the adapter takes it: `CARACAL_MCP_SERVERS`."),
    consumers: z
      .strictObject({ replicas: replicaCount.default(2), resources: resources.default(consumerResources) })
      .prefault({})
      .describe("Ledger writer, metrics aggregator and audit logger, each."),
    schemaRegistry: z
      .strictObject({ replicas: replicaCount.default(2), resources: resources.default(registryResources) })
      .prefault({}),
    kafka: kafkaSetting,
    topics: z
      .strictObject({
        meteringEvents: partitions.default(10),
        policyDecisions: partitions.default(5),
        agentLifecycle: partitions.default(3),
        policyChanges: partitions.default(3),
        deadLetters: partitions.default(3),
        retentionDays: days.default(30),
      })
      .prefault({})
      .describe("Partitions of each topic; they can only grow."),
    database: postgresSetting({ inCluster: databaseResources }),
    redis: redisSetting(),
    migration: z
      .strictObject({
        image: z.string().min(1).default("caracal-gateway").describe("An image of the registry that has the CLI."),
        commands: z
          .array(z.array(z.string()).min(1))
          .min(1)
          .default([
            ["caracal", "db", "init"],
            ["caracal", "db", "migrate", "up"],
          ])
          .describe("Run one after the other; each must be safe to run again."),
      })
      .prefault({}),
    logLevel: z.enum(["ERROR", "WARNING", "INFO", "DEBUG"]).default("INFO"),
    config: extraEnv.describe("Keys of the ConfigMap, beside and instead of the manifests'."),
    backup: z
      .union([z.literal(false), backupSetting])
      .describe("Daily dumps of PostgreSQL; `false` for none, as with a managed database, which has its own."),
    snapshots: z
      .union([z.literal(false), snapshotSetting])
      .default(false)
      .describe("Snapshots of every volume of the namespace."),
  })
  .refine(({ consumers, topics }) => consumers.replicas <= topics.meteringEvents, {
    path: ["consumers", "replicas"],
    error: "use at most as many as topics.meteringEvents has partitions: the others would have nothing to read",
  });
export type CaracalSetting = z.infer<typeof caracalSetting>;

const certificateFiles = z.strictObject({
  server: secretValue.describe("PEM of the gateway's certificate, with its chain."),
  serverKey: secretValue.describe("PEM of its private key."),
  authority: secretValue.describe("PEM of the authority that signs clients' certificates."),
});

/** The secrets that this choice of settings needs, under `doks-systems:secrets` as `caracal`. */
export function caracalSecrets(settings: CaracalSetting) {
  return z.strictObject({
    certificates: secretIf(settings.certificates.kind === "given", certificateFiles),
    merkleSigningKey: secretValue
      .optional()
      .describe("Give the running one: roots that it signed verify with nothing else. Default: generated"),
    ...existingSecrets(settings),
  });
}
export type CaracalSecrets = z.infer<ReturnType<typeof caracalSecrets>>;

/** What the rules of `settings/rules.ts` check against the platform. */
export function caracalFacts(settings: CaracalSetting): SystemFacts {
  const { pool, gateway, adapter } = settings;
  const range = (path: string, { autoscaling, resources: size }: CaracalSetting["gateway"]) =>
    autoscaling === false ? {} : { [path]: { pool, max: autoscaling.max, requests: size.requests } };
  return {
    ...usualFacts(settings),
    hosts: { host: settings.host },
    services: { database: settings.database, redis: settings.redis, kafka: settings.kafka },
    migrations: {},
    autoscaled: { ...range("gateway.autoscaling", gateway), ...range("adapter.autoscaling", adapter) },
  };
}
