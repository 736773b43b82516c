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
  cidr,
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
import { existingSecrets, existingSecretsSetting, privateKey, secretIf } from "../../settings/slices/system-secrets.ts";

/** Every workload that some choice of settings has. */
const workloadNames = [
  ...["gateway", "mcp-adapter", "ledger-writer", "metrics-aggregator", "audit-logger", "schema-registry"],
  ...[
    "db-migrate",
    "kafka",
    "zookeeper",
    "topics",
    "redis",
    "postgres",
    "postgres-setup",
    "postgres-grant",
    "postgres-move",
  ],
  ...["backup", "backup-drill"],
].map((name) => `caracal-${name}`);

const pem = (label: string) =>
  z
    .string()
    .startsWith(`-----BEGIN ${label}-----`, `give it as PEM: -----BEGIN ${label}-----`)
    .meta({ form: "PEM", examples: [`-----BEGIN ${label}-----\nMIIB…`] });

const partitions = z
  .int()
  .min(1)
  .max(1000)
  .meta({ examples: [12] });

export const caracalSetting = z.strictObject({
  namespace: namespaceSetting("caracal"),
  imageTag: imageTag.describe("Tag of Caracal's images."),
  images: imagesSetting,
  existingSecrets: existingSecretsSetting(["caracal-secrets", "caracal-tls", "caracal-merkle-keys"]),
  pool: dnsLabel.default("general").meta({ description: "Node pool of its pods.", examples: ["batch"] }),
  host: hostName
    .describe("The gateway's public name, which its certificate is for.")
    .meta({ examples: ["gate.example.com"] }),
  exposure: z
    .discriminatedUnion("kind", [
      z
        .strictObject({
          kind: z.literal("load-balancer"),
          sourceRanges: z
            .array(cidr("203.0.113.0/24"))
            .default([])
            .describe("Who may connect; nobody named is everybody with a certificate.")
            .meta({ examples: [["203.0.113.0/24"]] }),
        })
        .describe("A load balancer that passes TLS through to the gateway, so that client certificates reach it."),
      z
        .strictObject({ kind: z.literal("cluster-ip") })
        .describe("Only pods that `workloads.caracal-gateway.reachedBy` names."),
    ])
    .default({ kind: "load-balancer", sourceRanges: [] })
    .describe("How clients reach the gateway."),
  mtls: z.boolean().default(true).describe("Clients must show a certificate of the authority."),
  certificates: z
    .discriminatedUnion("kind", [
      z
        .strictObject({
          kind: z.literal("generated"),
          authorityDays: days.default(1825).describe("Days that the authority is good for."),
          serverDays: days.default(365).describe("Days that the gateway's certificate is good for."),
          clientDays: days.default(365).describe("Days that the clients' certificate is good for."),
          furtherNames: z
            .array(hostName)
            .default([])
            .describe("Of the gateway's certificate, beside its host.")
            .meta({ examples: [["gate.example.com"]] }),
        })
        .describe("An authority of the stack's own, and certificates that it signs."),
      z.strictObject({ kind: z.literal("given") }).describe("PEM files among the stack's secrets."),
    ])
    .default({ kind: "generated", authorityDays: 1825, serverDays: 365, clientDays: 365, furtherNames: [] })
    .describe("The gateway's certificate, and the authority of its clients' certificates."),
  jwtPublicKey: pem("PUBLIC KEY").optional().meta({
    description: "Of whoever issues tokens.",
    unset: "a pair is generated, its private half is an output",
  }),
  workloads: workloadsSetting([...workloadNames, "volume-snapshots"]),
  mcpServers: z
    .record(
      dnsLabel,
      z.url({ protocol: /^https?$/, error: "use a URL, such as https://mcp.example.com" }).meta({ form: "URL" }),
    )
    .default({})
    .describe("MCP servers behind the adapter, by name; it may reach them.")
    .meta({ examples: [{ search: "https://mcp.example.com" }] }),
  kafka: kafkaSetting,
  topics: z
    .strictObject({
      meteringEvents: partitions.default(10).describe("Partitions of `caracal.metering.events`."),
      policyDecisions: partitions.default(5).describe("Partitions of `caracal.policy.decisions`."),
      agentLifecycle: partitions.default(3).describe("Partitions of `caracal.agent.lifecycle`."),
      policyChanges: partitions.default(3).describe("Partitions of `caracal.policy.changes`."),
      deadLetters: partitions.default(3).describe("Partitions of `caracal.dlq`."),
      retentionDays: days.default(30).describe("Days until messages of the topics are deleted."),
    })
    .prefault({})
    .describe("Partitions of each topic; they can only grow."),
  database: postgresSetting(),
  redis: redisSetting(),
  logLevel: z.enum(["ERROR", "WARNING", "INFO", "DEBUG"]).default("INFO").describe("What is logged."),
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
  const { existingSecrets: theirs } = settings;
  const elsewhere = theirs["caracal-secrets"] !== undefined;
  return z.strictObject({
    certificates: secretIf(
      settings.certificates.kind === "given" && theirs["caracal-tls"] === undefined,
      certificateFiles,
    ),
    authority: z
      .strictObject({
        certificate: secretValue.describe("PEM of its certificate."),
        key: privateKey("RSA or ECDSA").describe(
          "PEM of its private key, which signs the gateway's certificate and new clients'.",
        ),
      })
      .optional()
      .meta({
        description: "Of `certificates.kind: generated`. Give the running one: certificates that it signed stay good.",
        unset: "generated",
      }),
    jwtPrivateKey: privateKey("RSA").optional().meta({
      description:
        "Of whoever issues tokens, unless `jwtPublicKey` is set. Give the running one: its tokens stay good.",
      unset: "generated",
    }),
    merkleSigningKey: privateKey("ECDSA P-256").optional().meta({
      description: "Give the running one: roots that it signed verify with nothing else.",
      unset: "generated",
    }),
    ...existingSecrets(settings, { database: elsewhere, redis: elsewhere }),
  });
}
export type CaracalSecrets = z.infer<ReturnType<typeof caracalSecrets>>;
