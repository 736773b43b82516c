/** GX Protocol's slice of a stack file. Defaults are the document's (guide of `k8s/backend`) and its public manifests'. */
import { z } from "zod";
import { backupSetting, postgresSetting, redisSetting } from "../../settings/slices/data-services.ts";
import {
  cidr,
  dnsLabel,
  extraEnv,
  hostName,
  imagesSetting,
  imageTag,
  labels,
  namespaceSetting,
  port,
  secretValue,
} from "../../settings/slices/fields.ts";
import { postgresWorkloads } from "../../settings/slices/data-shapes/postgres.ts";
import { outsideWhere } from "../../settings/slices/data-shapes/service-fields.ts";
import { imageName, workloadsSetting } from "../../settings/slices/workload.ts";
import { existingSecrets, existingSecretsSetting, secretIf } from "../../settings/slices/system-secrets.ts";

/** Every workload that some choice of settings has. */
const workloadNames = [
  ...["svc-identity", "outbox-submitter", "projector", "gx-migrate", "redis"],
  ...postgresWorkloads("postgres"),
  ...["postgres-backup", "postgres-backup-drill"],
];

const fabric = z.strictObject({
  peer: z
    .discriminatedUnion("kind", [
      z
        .strictObject({
          kind: z.literal("in-cluster"),
          namespace: dnsLabel
            .default("fabric")
            .meta({ description: "Namespace of the network.", examples: ["fabric-2"] }),
          service: dnsLabel
            .default("peer0-org1")
            .meta({ description: "Service of the peer.", examples: ["peer1-org1"] }),
          labels: labels.optional().meta({
            description: "Labels of the peer's pods.",
            unset: "every pod of the namespace",
            examples: [{ app: "peer0-org1" }],
          }),
        })
        .describe("A Service of a Fabric network in the cluster, which is not this program's."),
      z
        .strictObject({
          kind: z.literal("outside"),
          host: hostName.describe("Where the peer is.").meta({ examples: ["peer0.example.com", "peer1.example.com"] }),
          where: outsideWhere,
        })
        .describe("A peer outside the cluster."),
    ])
    .prefault({ kind: "in-cluster" })
    .describe("The peer that the workers talk to."),
  port: port.default(7051).meta({ description: "Port of the peer.", examples: [7151] }),
  tlsServerName: hostName.optional().meta({
    description: "Name in the peer's certificate, where it is not the one that it is reached by.",
    unset: "the one that it is reached by",
    examples: ["peer0.org1.example.com"],
  }),
  mspId: z
    .string()
    .min(1)
    .default("Org1MSP")
    .describe("Membership of the client.")
    .meta({ examples: ["Org2MSP"] }),
  channel: z
    .string()
    .min(1)
    .default("gxchannel")
    .describe("Channel of the ledger.")
    .meta({ examples: ["test"] }),
  chaincode: z
    .string()
    .min(1)
    .default("gxtv3")
    .describe("Chaincode that commands go to.")
    .meta({ examples: ["gxtv4"] }),
  startBlock: z
    .int()
    .min(0)
    .default(0)
    .describe("Where the projector begins on a new database; 0 replays the whole chain.")
    .meta({ examples: [250_000] }),
});

const exposure = z
  .discriminatedUnion("kind", [
    z
      .strictObject({
        kind: z.literal("route"),
        host: hostName.describe("Public name of the API.").meta({ examples: ["v2.gxcoin.com"] }),
        maxBodyMiB: z
          .int()
          .min(1)
          .max(1000)
          .default(10)
          .describe(
            "Largest request body, in MiB. One that says that it is larger is answered with 413 at once; one sent in chunks, without its size, ends in a reset when it has grown too large.",
          )
          .meta({ examples: [25] }),
        timeoutSeconds: z
          .int()
          .min(1)
          .max(3600)
          .default(60)
          .describe(
            "After so long without an answer a request is given up with 504, whatever the API is still doing; after so long of silence a body that stalls, too.",
          )
          .meta({ examples: [120] }),
      })
      .describe("The stack's edge."),
    z
      .strictObject({
        kind: z.literal("load-balancer"),
        host: hostName.optional().meta({
          description: "Public name of the API, whose record the stack writes.",
          unset: "none: it is reached by its address",
          examples: ["v2.gxcoin.com"],
        }),
        certificateName: z
          .string()
          .min(1)
          .optional()
          .meta({
            description: "Of a certificate in the DigitalOcean account; without it everything travels in the clear.",
            unset: "none",
            examples: ["api-2026", "api-2027"],
          }),
        sourceRanges: z
          .array(cidr("203.0.113.0/24"))
          .default([])
          .meta({ description: "Who may connect; nobody named is everybody.", examples: [["203.0.113.0/24"]] }),
      })
      .describe("A DigitalOcean load balancer of its own."),
    z
      .strictObject({
        kind: z.literal("node-port"),
        port: z
          .int()
          .min(30000)
          .max(32767)
          .default(30301)
          .describe("Port of the nodes.")
          .meta({ examples: [30400] }),
      })
      .describe("A port of every node, for development."),
    z.strictObject({ kind: z.literal("none") }).describe("Only pods that `workloads.svc-identity.reachedBy` names."),
  ])
  .describe("How clients reach the API.");

export const gxSetting = z.strictObject({
  namespace: namespaceSetting("backend-mainnet"),
  imageTag: imageTag.describe("Tag of the images of the three services."),
  images: imagesSetting,
  existingSecrets: existingSecretsSetting(["backend-secrets", "fabric-credentials"]),
  pool: dnsLabel.default("general").meta({ description: "Node pool of its pods.", examples: ["batch"] }),
  workloads: workloadsSetting(workloadNames),
  imageSupports: z
    .strictObject({
      redisTls: z.boolean().default(false).describe("It takes `rediss://` URLs; the published one refuses them."),
    })
    .prefault({})
    .describe("What the image in use can do, beyond the published one."),
  acceptDuplicateCommands: z
    .boolean()
    .default(false)
    .describe("Allows several outbox submitters, which the published image lets send a command twice."),
  connectionLimit: z
    .int()
    .min(1)
    .max(1000)
    .default(3)
    .describe("PostgreSQL connections of one process of Prisma's.")
    .meta({ examples: [5] }),
  fabric: z
    .union([z.literal(false), fabric])
    .prefault({})
    .describe("Hyperledger Fabric; `false` leaves both workers out."),
  exposure,
  database: postgresSetting({ storage: "100Gi" }),
  redis: redisSetting({ storage: "20Gi" }),
  migration: z
    .union([
      z.literal("none"),
      z.strictObject({
        image: imageName
          .describe("A whole name, or a name in the system's registry with the tag `imageTag`.")
          .meta({ examples: ["gx-migrate", "gx-migrate-2"] }),
        command: z
          .array(z.string())
          .min(1)
          .describe("What runs in it.")
          .meta({
            examples: [
              ["npx", "prisma", "migrate", "deploy"],
              ["npx", "prisma", "db", "push"],
            ],
          }),
      }),
    ])
    .describe(
      "What brings the tables up to date before the services: an image that has Prisma and the schema, with its command " +
        "(`npx prisma migrate deploy --schema db/prisma/schema.prisma`); or `none`. The published image has neither.",
    ),
  logLevel: z.enum(["error", "warn", "info", "debug"]).default("info").describe("What is logged."),
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
  const { existingSecrets: theirs } = settings;
  const given = settings.fabric !== false && theirs["fabric-credentials"] === undefined;
  const elsewhere = theirs["backend-secrets"] !== undefined;
  return z.strictObject({
    fabric: secretIf(given, fabricFiles),
    jwtSecret: secretValue
      .min(32, "use at least 32 characters")
      .optional()
      .meta({ description: "Give the running one to keep users logged in.", unset: "generated" }),
    ...existingSecrets(settings, { database: elsewhere, redis: elsewhere }),
  });
}
export type GxSecrets = z.infer<ReturnType<typeof gxSecrets>>;
