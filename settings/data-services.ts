/** The settings that systems share for the data services they use; the components of the same names build them. */
import { z } from "zod";
import { bucketName, cronSchedule, dnsLabel, hostName, port, quantity, resources } from "./fields.ts";

/** Raise it by one to change the password; the running server, the Secret and the readers follow in one update. */
const passwordVersion = z.int().min(1).max(99).default(1);

const small = { requests: { cpu: "250m", memory: "256Mi" }, limits: { cpu: "1", memory: "512Mi" } };

/** PostgreSQL: a StatefulSet, DigitalOcean's managed service, or a server that exists already. */
export const postgresSetting = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("in-cluster"),
      storage: quantity
        .default("10Gi")
        .describe("Size of the claim; claims grow by the runbook, never by this setting."),
      resources: resources.default(small),
      passwordVersion,
    }),
    z.strictObject({
      kind: z.literal("managed"),
      size: z
        .string()
        .startsWith("db-", "use a database size slug, such as db-s-1vcpu-2gb")
        .describe("DigitalOcean's size slug."),
      nodes: z.int().min(1).max(3).default(1).describe("1, or 2 to 3 with standby nodes (not on the 1 GB size)."),
      version: z.enum(["16", "17"]).default("16"),
    }),
    z.strictObject({
      kind: z.literal("existing"),
      host: hostName,
      port: port.default(5432),
      user: z.string().min(1),
      tls: z.enum(["disable", "require", "verify-full"]).default("require"),
      privateRange: z
        .cidrv4("use a CIDR block, such as 10.116.0.0/20")
        .optional()
        .describe("Where the server is when it has a private address. Default: on the internet"),
    }),
  ])
  .prefault({ kind: "in-cluster" });
export type PostgresSetting = z.infer<typeof postgresSetting>;

/** RabbitMQ as a StatefulSet. */
export const rabbitMqSetting = z
  .strictObject({
    storage: quantity.default("5Gi"),
    resources: resources.default({
      requests: { cpu: "100m", memory: "256Mi" },
      limits: { cpu: "500m", memory: "512Mi" },
    }),
    passwordVersion,
  })
  .prefault({});
export type RabbitMqSetting = z.infer<typeof rabbitMqSetting>;

/** An object bucket: a Spaces bucket of this stack, or any S3 bucket that exists already. */
export const bucketSetting = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("create"), name: bucketName }),
  z.strictObject({
    kind: z.literal("existing"),
    name: bucketName,
    region: dnsLabel,
    endpoint: z
      .url({ protocol: /^https?$/, error: "use a URL, such as https://nyc3.digitaloceanspaces.com" })
      .optional()
      .describe("Endpoint without the bucket. Default: the Spaces endpoint of the region."),
  }),
]);
export type BucketSetting = z.infer<typeof bucketSetting>;

/** Backups of a database into a bucket of their own, with a key that reaches nothing else. */
export const backupSetting = z.strictObject({
  bucket: bucketSetting,
  schedule: cronSchedule.default("0 8 * * *"),
  retentionDays: z
    .int()
    .min(1)
    .max(365)
    .default(30)
    .describe("Days until the script deletes a dump; the bucket's own rule follows five days later."),
  restoreDrill: cronSchedule
    .optional()
    .describe("When the newest dump is restored into a throw-away server; absent means never."),
});
export type BackupSetting = z.infer<typeof backupSetting>;
