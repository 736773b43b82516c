/** Caracal's slice of a stack file. Defaults are the document's (README of the v0.3 manifests) and its public manifests'. */
import { z } from "zod";
import {
  backupSetting,
  kafkaSetting,
  postgresSetting,
  redisSetting,
  snapshotSetting,
} from "../../settings/slices/data-services.ts";
import {
  days,
  dnsLabel,
  extraEnv,
  hostName,
  imagesSetting,
  imageTag,
  namespaceSetting,
  secretValue,
} from "../../settings/slices/fields.ts";
import { workloadsSetting } from "../../settings/slices/workload.ts";
import { existingSecrets, secretIf } from "../../settings/slices/system-secrets.ts";

/** Every workload that some choice of settings has. */
const workloadNames = [
  ...["gateway", "mcp-adapter", "ledger-writer", "metrics-aggregator", "audit-logger", "schema-registry"],
  ...["db-migrate", "kafka", "zookeeper", "topics", "redis", "postgres", "postgres-setup", "postgres-grant"],
  ...["backup", "backup-drill"],
].map((name) => `caracal-${name}`);

const pem = (label: string) =>
  z.string().startsWith(`-----BEGIN ${label}-----`, `give it as PEM: -----BEGIN ${label}-----`);

const partitions = z.int().min(1).max(1000);

export const caracalSetting = z.strictObject({
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
  workloads: workloadsSetting([...workloadNames, "volume-snapshots"]),
  mcpServers: z
    .record(dnsLabel, z.url({ protocol: /^https?$/, error: "use a URL, such as https://mcp.example.com" }))
    .default({})
    .describe("MCP servers behind the adapter, by name; it may reach them."),
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
  database: postgresSetting(),
  redis: redisSetting(),
  logLevel: z.enum(["ERROR", "WARNING", "INFO", "DEBUG"]).default("INFO"),
  config: extraEnv.describe("Keys of the ConfigMap, beside and instead of the manifests'."),
  backup: z
    .union([z.literal(false), backupSetting])
    .describe("Daily dumps of PostgreSQL; `false` for none, as with a managed database, which has its own."),
  snapshots: z
    .union([z.literal(false), snapshotSetting])
    .default(false)
    .describe("Snapshots of every volume of the namespace."),
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
