/** The settings that systems share for the data services they use; the components of the same names build them. */
import { z } from "zod";
import { bucketName, cronSchedule, dnsLabel, port, quantity, serverHost, volumeSize } from "./fields.ts";

/** Raise it by one to change the password; the running server, the Secret and the readers follow in one update. */
const passwordVersion = z.int().min(1).max(99).default(1);

/** Where a server that exists already is. */
const privateRange = z
  .cidrv4("use a CIDR block, such as 10.116.0.0/20")
  .optional()
  .describe("Where the server is when it has a private address. Default: on the internet");

/** DigitalOcean's name and size of a managed service. */
const cloudName = dnsLabel
  .min(3, "use at least three characters")
  .optional()
  .describe("DigitalOcean's name, for life: another one is another server.");
const databaseSize = z
  .string()
  .regex(/^[a-z0-9_]+(-[a-z0-9_]+)+$/, "use a database size slug, such as db-s-1vcpu-2gb")
  .describe("DigitalOcean's size slug.");

/** PEM of whoever signed a server's certificate. */
const caCertificate = z.string().startsWith("-----BEGIN CERTIFICATE-----", "give the certificate as PEM").optional();

/** Further settings of a server, as its own file takes them. */
function parameters(example: string) {
  return z
    .record(
      z.string().regex(/^[a-z][a-z0-9_.-]*$/, `use a setting's name, such as ${example}`),
      z.string("put it in quotes: values are texts").regex(/^[^\r\n]*$/, "keep it on one line"),
    )
    .default({});
}

/** PostgreSQL: a StatefulSet, DigitalOcean's managed service, or a server that exists already. */
export function postgresSetting({ storage = "10Gi" } = {}) {
  return z
    .discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("in-cluster"),
        storage: volumeSize
          .default(storage)
          .describe("Size of the claim; claims grow by the runbook, never by this setting."),
        version: z
          .enum(["15", "16", "17", "18"])
          .default("16")
          .describe("Major version, for the life of the volume: another one cannot read it. Clients have the same."),
        parameters: parameters("work_mem").describe(
          "Server settings by name. `max_connections` follows from the workloads' `connections` unless it is here.",
        ),
        passwordVersion,
      }),
      z.strictObject({
        kind: z.literal("managed"),
        name: cloudName,
        size: databaseSize,
        nodes: z.int().min(1).max(3).default(1).describe("1, or 2 to 3 with standby nodes (not on the 1 GB size)."),
        version: z.enum(["15", "16", "17", "18"]).default("16").describe("Major version; clients have the same."),
        tls: z
          .enum(["require", "verify-ca", "verify-full"])
          .default("require")
          .describe("What clients check; DigitalOcean's authority is mounted for all of them."),
        connectionPool: z
          .strictObject({ size: z.int().min(1).max(500).describe("Connections to the server.") })
          .optional()
          .describe("Clients connect through PgBouncer in session mode; migrations and backups past it."),
      }),
      z.strictObject({
        kind: z.literal("existing"),
        host: serverHost,
        port: port.default(5432),
        user: z.string().min(1),
        version: z
          .enum(["14", "15", "16", "17", "18"])
          .default("18")
          .describe("The server's major version: clients of that version can also dump it. Newer clients can, too."),
        tls: z.enum(["disable", "require", "verify-ca", "verify-full"]).default("require"),
        caCertificate: caCertificate.describe(
          "PEM of the authority that clients check the server by. Default: the public ones",
        ),
        privateRange,
      }),
    ])
    .prefault({ kind: "in-cluster" });
}
export type PostgresSetting = z.infer<ReturnType<typeof postgresSetting>>;

/** Redis: a StatefulSet, DigitalOcean's managed Valkey, or a server that exists already. */
export function redisSetting({ storage = "10Gi" } = {}) {
  return z
    .discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("in-cluster"),
        storage: volumeSize.default(storage),
        maxMemory: quantity
          .default("512Mi")
          .describe(
            "Of the data; at most three quarters of the container's limit, which must hold what changes while it saves.",
          ),
        eviction: z
          .enum(["noeviction", "allkeys-lru", "volatile-lru", "volatile-ttl"])
          .default("noeviction")
          .describe("What happens at `maxMemory`: writes fail, or keys go."),
        parameters: parameters("timeout").describe("Further lines of redis.conf, by name."),
        passwordVersion,
      }),
      z.strictObject({
        kind: z.literal("managed"),
        name: cloudName,
        size: databaseSize,
        nodes: z.int().min(1).max(3).default(1),
        eviction: z.enum(["noeviction", "allkeys_lru", "volatile_lru", "volatile_ttl"]).default("noeviction"),
      }),
      z.strictObject({
        kind: z.literal("existing"),
        host: serverHost,
        port: port.default(6379),
        user: z.string().min(1).default("default"),
        tls: z.boolean().default(true),
        caCertificate: caCertificate.describe("PEM of the authority of its certificate. Default: a public one"),
        privateRange,
      }),
    ])
    .prefault({ kind: "in-cluster" });
}
export type RedisSetting = z.infer<ReturnType<typeof redisSetting>>;

/** An odd count, so that one half and the other can never both have a majority. */
const members = z.union([z.literal(1), z.literal(3), z.literal(5)]).default(3);

const zooKeeperSetting = z
  .strictObject({
    nodes: members,
    storage: volumeSize.default("10Gi"),
  })
  .prefault({});
export type ZooKeeperSetting = z.infer<typeof zooKeeperSetting>;

const brokerAuthority = caCertificate.describe(
  "PEM of the authority that signed the brokers' certificates. Default: a public one",
);
const sasl = {
  mechanism: z.enum(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]),
  username: z.string().min(1),
};
const kafkaSecurity = z
  .discriminatedUnion("protocol", [
    z.strictObject({ protocol: z.literal("PLAINTEXT") }),
    z.strictObject({ protocol: z.literal("SSL"), caCertificate: brokerAuthority }),
    z.strictObject({ protocol: z.literal("SASL_PLAINTEXT"), ...sasl }),
    z.strictObject({ protocol: z.literal("SASL_SSL"), ...sasl, caCertificate: brokerAuthority }),
  ])
  .describe("How clients prove themselves.");
export type KafkaSecurity = z.infer<typeof kafkaSecurity>;

/** Kafka: brokers with ZooKeeper in the cluster, DigitalOcean's managed service, or brokers that exist already. */
export const kafkaSetting = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("in-cluster"),
      brokers: members,
      storage: volumeSize.default("20Gi"),
      retentionHours: z.int().min(1).default(720).describe("Of topics that say nothing themselves."),
      zookeeper: zooKeeperSetting,
    }),
    z.strictObject({
      kind: z.literal("managed"),
      name: cloudName,
      size: databaseSize,
      nodes: z.union([z.literal(3), z.literal(6), z.literal(9), z.literal(15)]).default(3),
      version: z.enum(["3.8"]).default("3.8"),
    }),
    z.strictObject({
      kind: z.literal("existing"),
      bootstrapServers: z
        .array(z.string().regex(/^[a-z0-9.-]+:[0-9]{2,5}$/, "use host and port, such as kafka.example.com:9092"))
        .min(1),
      security: kafkaSecurity.default({ protocol: "PLAINTEXT" }),
      privateRange,
      replication: z.int().min(1).max(5).default(3).describe("Copies of each topic."),
    }),
  ])
  .prefault({ kind: "in-cluster" });
export type KafkaSetting = z.infer<typeof kafkaSetting>;

/** RabbitMQ as a StatefulSet. */
export const rabbitMqSetting = z
  .strictObject({
    storage: volumeSize.default("5Gi"),
    config: parameters("consumer_timeout").describe(
      "Further lines of rabbitmq.conf, by name. What the broker takes for its memory follows from the container's limit.",
    ),
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

/** Snapshots of volumes by the cluster's storage driver. */
export const snapshotSetting = z.strictObject({
  schedule: cronSchedule.default("0 9 * * *"),
  keep: z.int().min(1).max(100).default(7).describe("Newest snapshots of each claim."),
  className: dnsLabel.optional().describe("VolumeSnapshotClass. Default: the driver's own"),
});
export type SnapshotSetting = z.infer<typeof snapshotSetting>;

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
  drillStorage: volumeSize
    .optional()
    .describe(
      "Volume of that server, gone after the drill. Default: as large as the server's in the cluster, else 20Gi",
    ),
});
export type BackupSetting = z.infer<typeof backupSetting>;
