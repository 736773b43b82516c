/** The settings that systems share for the data services they use; the components of the same names build them. */
import { z } from "zod";
import { bucketName, cronSchedule, dnsLabel, quantity, volumeSize } from "./fields.ts";
import { kafkaSecurity } from "./data-shapes/brokers.ts";
import { beside } from "./postgres/beside.ts";
import { postgresServers } from "./postgres/servers.ts";
import {
  caCertificate,
  claim,
  cloudName,
  databaseSize,
  existingHost,
  existingPort,
  existingUser,
  members,
  parameters,
  passwordVersion,
  standbyNodes,
  where,
} from "./data-shapes/service-fields.ts";

/** PostgreSQL: a StatefulSet, DigitalOcean's managed service, or a server that exists already; for a while two of them. */
export function postgresSetting({ storage = "10Gi" } = {}) {
  const [inCluster, managed, existing] = postgresServers(storage);
  return z
    .discriminatedUnion("kind", [
      inCluster.extend({ beside }).describe(inCluster.description ?? ""),
      managed.extend({ beside }).describe(managed.description ?? ""),
      existing.extend({ beside }).describe(existing.description ?? ""),
    ])
    .prefault({ kind: "in-cluster" })
    .describe("PostgreSQL.");
}
export type PostgresSetting = z.infer<ReturnType<typeof postgresSetting>>;

/** Redis: a StatefulSet, DigitalOcean's managed Valkey, or a server that exists already. */
export function redisSetting({ storage = "10Gi" } = {}) {
  return z
    .discriminatedUnion("kind", [
      z
        .strictObject({
          kind: z.literal("in-cluster"),
          storage: volumeSize
            .default(storage)
            .describe(
              "Size of the claim, at least five times `maxMemory`; claims grow by the runbook, never by this setting.",
            ),
          maxMemory: quantity
            .default("512Mi")
            .describe(
              "Of the data; at most three quarters of the container's limit, which must hold what changes while it saves.",
            )
            .meta({ examples: ["384Mi"] }),
          eviction: z
            .enum(["noeviction", "allkeys-lru", "volatile-lru", "volatile-ttl"])
            .default("noeviction")
            .describe("What happens at `maxMemory`: writes fail, or keys go."),
          parameters: parameters("timeout", "300").describe("Further lines of redis.conf, by name."),
          passwordVersion,
        })
        .describe("A StatefulSet of one pod, with a volume."),
      z
        .strictObject({
          kind: z.literal("managed"),
          name: cloudName,
          size: databaseSize,
          nodes: standbyNodes,
          eviction: z
            .enum(["noeviction", "allkeys_lru", "volatile_lru", "volatile_ttl"])
            .default("noeviction")
            .describe("What happens when memory is full: writes fail, or keys go."),
        })
        .describe("DigitalOcean's managed Valkey."),
      z
        .strictObject({
          kind: z.literal("existing"),
          host: existingHost,
          port: existingPort(6379),
          user: existingUser.default("default"),
          tls: z.boolean().default(true).describe("Clients use TLS."),
          caCertificate,
          where,
        })
        .describe("A server that exists already; its password is the secret `redisPassword`."),
    ])
    .prefault({ kind: "in-cluster" })
    .describe("Redis.");
}
export type RedisSetting = z.infer<ReturnType<typeof redisSetting>>;

const zooKeeperSetting = z
  .strictObject({
    nodes: members.describe("Members of the ensemble."),
    storage: claim("10Gi"),
  })
  .prefault({})
  .describe("ZooKeeper, which the brokers keep their state in.");
export type ZooKeeperSetting = z.infer<typeof zooKeeperSetting>;

/** Kafka: brokers with ZooKeeper in the cluster, DigitalOcean's managed service, or brokers that exist already. */
export const kafkaSetting = z
  .discriminatedUnion("kind", [
    z
      .strictObject({
        kind: z.literal("in-cluster"),
        brokers: members.describe("How many brokers there are."),
        storage: claim("20Gi"),
        retentionHours: z
          .int()
          .min(1)
          .default(720)
          .describe("Hours until messages are deleted, of topics that say nothing themselves.")
          .meta({ examples: [168] }),
        zookeeper: zooKeeperSetting,
      })
      .describe("StatefulSets of brokers and ZooKeeper, with volumes."),
    z
      .strictObject({
        kind: z.literal("managed"),
        name: cloudName,
        size: databaseSize,
        nodes: z
          .union([z.literal(3), z.literal(6), z.literal(9), z.literal(15)])
          .default(3)
          .describe("How many brokers there are."),
        version: z.enum(["3.8"]).default("3.8").describe("Version of Kafka."),
      })
      .describe("DigitalOcean's managed Kafka."),
    z
      .strictObject({
        kind: z.literal("existing"),
        bootstrapServers: z
          .array(
            z
              .string()
              .regex(/^[a-z0-9.-]+:[0-9]{2,5}$/, "use host and port, such as kafka.example.com:9092")
              .meta({ form: "host and port" }),
          )
          .min(1)
          .describe("Brokers that clients ask first.")
          .meta({ examples: [["kafka.example.com:9092"], ["kafka-2.example.com:9092"]] }),
        security: kafkaSecurity.default({ protocol: "PLAINTEXT" }),
        where,
        replication: z
          .int()
          .min(1)
          .max(5)
          .default(3)
          .describe("Copies of each topic.")
          .meta({ examples: [2] }),
      })
      .describe("Brokers that exist already."),
  ])
  .prefault({ kind: "in-cluster" })
  .describe("Kafka.");
export type KafkaSetting = z.infer<typeof kafkaSetting>;

/** An object bucket: a Spaces bucket of this stack, or any S3 bucket that exists already. */
export const bucketSetting = z
  .discriminatedUnion("kind", [
    z
      .strictObject({
        kind: z.literal("create"),
        name: bucketName.describe(
          "Name of the bucket; all of Spaces shares one set of names. Another one is another bucket.",
        ),
      })
      .describe("A Spaces bucket of this stack, with a key that opens it and nothing else."),
    z
      .strictObject({
        kind: z.literal("existing"),
        name: bucketName.describe("Name of the bucket."),
        region: dnsLabel.describe("Region that requests are signed for.").meta({ examples: ["nyc3", "sfo3"] }),
        endpoint: z
          .url({ protocol: /^https?$/, error: "use a URL, such as https://nyc3.digitaloceanspaces.com" })
          .optional()
          .meta({
            description: "Endpoint without the bucket.",
            form: "URL",
            unset: "the Spaces endpoint of the region",
            examples: ["https://s3.example.com"],
          }),
      })
      .describe("Any S3 bucket that exists already, with its key among the stack's secrets."),
  ])
  .describe("An object bucket.");
export type BucketSetting = z.infer<typeof bucketSetting>;

/** Snapshots of volumes by the cluster's storage driver. */
export const snapshotSetting = z.strictObject({
  schedule: cronSchedule.default("0 9 * * *").describe("When they are taken."),
  keep: z
    .int()
    .min(1)
    .max(100)
    .default(7)
    .describe("How many newest snapshots of each claim stay.")
    .meta({ examples: [14] }),
  className: dnsLabel.optional().meta({ description: "VolumeSnapshotClass.", unset: "the driver's own" }),
});
export type SnapshotSetting = z.infer<typeof snapshotSetting>;

/** Backups of a database into a bucket of their own, with a key that reaches nothing else. */
export const backupSetting = z.strictObject({
  bucket: bucketSetting.describe("Where dumps go: a bucket of their own."),
  schedule: cronSchedule.default("0 8 * * *").describe("When dumps are made."),
  retentionDays: z
    .int()
    .min(1)
    .max(365)
    .default(30)
    .describe("Days until the script deletes a dump; the bucket's own rule follows five days later.")
    .meta({ examples: [60] }),
  restoreDrill: cronSchedule
    .optional()
    .meta({ description: "When the newest dump is restored into a throw-away server.", unset: "never" }),
  drillStorage: volumeSize.optional().meta({
    description: "Volume of that server, gone after the drill.",
    unset: "as large as the server's in the cluster, else `20Gi`",
  }),
});
export type BackupSetting = z.infer<typeof backupSetting>;
