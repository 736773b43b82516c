/** GX Protocol's slice of a stack file. Defaults are the document's (guide of `k8s/backend`) and its public manifests'. */
import { z } from "zod";
import { backupSetting, postgresSetting, redisSetting } from "../../settings/data-services.ts";
import { usualFacts, type SystemFacts } from "../../settings/facts.ts";
import {
  autoscalingSetting,
  dnsLabel,
  extraEnv,
  hostName,
  imagesSetting,
  imageTag,
  namespaceSetting,
  objectName,
  pathPrefix,
  port,
  replicaCount,
  resources,
  secretValue,
  singletonReplicas,
} from "../../settings/fields.ts";
import { existingSecrets, secretIf } from "../../settings/system-secrets.ts";

const apiResources = { requests: { cpu: "200m", memory: "256Mi" }, limits: { cpu: "1000m", memory: "512Mi" } };
const outboxResources = { requests: { cpu: "250m", memory: "512Mi" }, limits: { cpu: "1000m", memory: "1Gi" } };
const projectorResources = { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "2000m", memory: "2Gi" } };

const fabric = z.strictObject({
  namespace: dnsLabel.default("fabric").describe("Where the Fabric network runs; not this program's."),
  peer: dnsLabel.default("peer0-org1").describe("The peer's Service."),
  port: port.default(7051),
  mspId: z.string().min(1).default("Org1MSP"),
  channel: z.string().min(1).default("gxchannel"),
  chaincode: z.string().min(1).default("gxtv3"),
  startBlock: z
    .int()
    .min(0)
    .default(0)
    .describe("Where the projector begins on a new database; 0 replays the whole chain."),
  credentials: z
    .discriminatedUnion("kind", [
      /** The three files are secrets of the stack. */
      z.strictObject({ kind: z.literal("given") }),
      /** A Secret with `cert.pem`, `key.pem` and `ca-cert.pem` that somebody else keeps in the namespace. */
      z.strictObject({ kind: z.literal("existing"), secretName: objectName }),
    ])
    .default({ kind: "given" }),
});

const exposure = z
  .discriminatedUnion("kind", [
    /** The stack's edge. */
    z.strictObject({
      kind: z.literal("route"),
      host: hostName,
      maxBodyMiB: z.int().min(1).max(1000).default(10),
      timeoutSeconds: z.int().min(1).max(3600).default(60),
    }),
    /** A load balancer of its own. */
    z.strictObject({
      kind: z.literal("load-balancer"),
      host: hostName.optional(),
      certificateName: z
        .string()
        .min(1)
        .optional()
        .describe("Of a certificate in the DigitalOcean account; without it everything travels in the clear."),
      sourceRanges: z
        .array(z.cidrv4("use a CIDR block, such as 203.0.113.0/24"))
        .default([])
        .describe("Who may connect. Default: everybody"),
    }),
    /** A port of every node, for development. */
    z.strictObject({ kind: z.literal("node-port"), port: z.int().min(30000).max(32767).default(30301) }),
    z.strictObject({ kind: z.literal("none") }),
  ])
  .describe("How clients reach the API.");

export const gxSetting = z.strictObject({
  namespace: namespaceSetting("backend-mainnet"),
  imageTag,
  images: imagesSetting,
  pool: dnsLabel.default("general"),
  api: z
    .strictObject({
      autoscaling: z
        .union([z.literal(false), autoscalingSetting({ min: 3, max: 10, cpuPercent: 70, memoryPercent: 80 })])
        .prefault({}),
      replicas: replicaCount.default(3).describe("Without autoscaling."),
      resources: resources.default(apiResources),
      readinessPath: pathPrefix
        .default("/readyz")
        .describe("`/readyz` counts projection lag: a slow projector takes every pod out; `/health` does not."),
    })
    .prefault({}),
  outbox: z
    .strictObject({ replicas: replicaCount.default(2), resources: resources.default(outboxResources) })
    .prefault({}),
  projector: z
    .strictObject({ replicas: singletonReplicas, resources: resources.default(projectorResources) })
    .prefault({}),
  fabric: z
    .union([z.literal(false), fabric])
    .prefault({})
    .describe("Hyperledger Fabric; `false` leaves both workers out."),
  exposure,
  database: postgresSetting({ storage: "100Gi" }),
  redis: redisSetting({ storage: "20Gi" }),
  migration: z
    .strictObject({
      image: z.string().min(1).default("svc-identity").describe("An image of the registry; its tag is `imageTag`."),
      command: z.array(z.string()).min(1).default(["npx", "prisma", "migrate", "deploy"]),
    })
    .prefault({}),
  logLevel: z.enum(["error", "warn", "info", "debug"]).default("info"),
  config: extraEnv.describe("Keys of ConfigMap `backend-config`, beside and instead of the document's."),
  backup: z
    .union([z.literal(false), backupSetting])
    .describe("Daily dumps; `false` for none, as with a managed database, which has its own."),
});
export type GxSetting = z.infer<typeof gxSetting>;

const fabricFiles = z.strictObject({
  certificate: secretValue.describe("`cert.pem`: PEM of the client's certificate."),
  key: secretValue.describe("`key.pem`: PEM of its private key."),
  caCertificate: secretValue.describe("`ca-cert.pem`: PEM of the authority that signed the peer's."),
});

/** The secrets that this choice of settings needs, under `doks-systems:secrets` as `gx`. */
export function gxSecrets(settings: GxSetting) {
  const given = settings.fabric !== false && settings.fabric.credentials.kind === "given";
  return z.strictObject({
    fabric: secretIf(given, fabricFiles),
    jwtSecret: secretValue
      .min(32, "use at least 32 characters")
      .optional()
      .describe("Give the running one to keep users logged in. Default: generated"),
    ...existingSecrets(settings),
  });
}
export type GxSecrets = z.infer<ReturnType<typeof gxSecrets>>;

/** What the rules of `settings/rules.ts` check against the platform. */
export function gxFacts(settings: GxSetting): SystemFacts {
  const { exposure: way, api, pool } = settings;
  return {
    ...usualFacts(settings),
    hosts: "host" in way && way.host !== undefined ? { "exposure.host": way.host } : {},
    services: { database: settings.database, redis: settings.redis },
    migrations: {},
    autoscaled:
      api.autoscaling === false
        ? {}
        : { "api.autoscaling": { pool, max: api.autoscaling.max, requests: api.resources.requests } },
    notInProduction: {
      ...(way.kind === "node-port"
        ? {
            "exposure.kind": {
              value: way.kind,
              problem: "opens a port on every node",
              fix: 'use "route"',
            },
          }
        : {}),
      ...(way.kind === "load-balancer" && way.certificateName === undefined
        ? {
            "exposure.certificateName": {
              value: undefined,
              problem: "is missing, so log-ins and documents would travel in the clear",
              fix: 'name a certificate of the account, or use exposure.kind "route"',
            },
          }
        : {}),
    },
  };
}
