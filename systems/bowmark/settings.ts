/** Bow-Mark's slice of a stack file. Defaults are the document's ("Production Infrastructure") unless a line says otherwise. */
import { z } from "zod";
import type { SystemFacts } from "../../settings/facts.ts";
import { backupSetting, bucketSetting, postgresSetting, rabbitMqSetting } from "../../settings/data-services.ts";
import {
  cronSchedule,
  dnsLabel,
  emailAddress,
  hostName,
  imageTag,
  namespaceSetting,
  pathPrefix,
  port,
  pullSecret,
  replicaCount,
  resources,
  secretValue,
  singletonReplicas,
} from "../../settings/fields.ts";
import { bucketKey, existingSecrets, secretIf } from "../../settings/system-secrets.ts";

const serverResources = { requests: { cpu: "1", memory: "2000Mi" }, limits: { cpu: "2", memory: "4000Mi" } };
const workerResources = { requests: { cpu: "250m", memory: "500Mi" }, limits: { cpu: "1", memory: "2000Mi" } };
// The document raises the consumers' limit to 2 GiB after they were killed for memory.
const consumerResources = { requests: { cpu: "100m", memory: "256Mi" }, limits: { cpu: "500m", memory: "2Gi" } };

export const bowMarkSetting = z.strictObject({
  namespace: namespaceSetting("bow-mark"),
  /** Commit id that the three images were built from. */
  imageTag,
  images: z
    .strictObject({
      repository: z
        .string()
        .min(1)
        .default("itsdevin")
        .describe("Docker Hub organisation, or a registry path such as `registry.digitalocean.com/geo`."),
      pullSecret,
    })
    .prefault({}),
  hosts: z
    .strictObject({ paving: z.array(hostName).min(1), concrete: z.array(hostName).min(1) })
    .describe("Public host names by app; the two apps never share one."),
  serverPaths: z
    .array(pathPrefix)
    .min(1)
    .default(["/graphql", "/file"])
    .describe("Path prefixes that the API server answers; everything else is the client's."),
  webSocketPaths: z.array(pathPrefix).default(["/graphql"]).describe("Of `serverPaths`, those that carry WebSockets."),
  pools: z
    .strictObject({
      servers: dnsLabel.default("dedicated-cpu-optimized"),
      everythingElse: dnsLabel.default("default-pool"),
    })
    .prefault({}),
  servers: z
    .strictObject({ replicas: replicaCount.default(2), resources: resources.default(serverResources) })
    .prefault({}),
  workers: z.strictObject({ replicas: singletonReplicas, resources: resources.default(workerResources) }).prefault({}),
  consumers: z
    .strictObject({ replicas: singletonReplicas, resources: resources.default(consumerResources) })
    .prefault({}),
  clients: z
    .strictObject({ replicas: replicaCount.default(1), resources: resources.default(workerResources) })
    .prefault({}),
  database: postgresSetting(),
  rabbitmq: rabbitMqSetting,
  migrations: z
    .string()
    .min(1)
    .default("systems/bowmark/migrations")
    .describe("Folder of dbmate migrations, from the project's root; copies of the application's `db/migrations`."),
  bucket: bucketSetting.describe("The application's files."),
  backup: z
    .union([z.literal(false), backupSetting])
    .describe("Daily dumps of both reporting databases; `false` for none."),
  nightlyRestart: z
    .union([z.literal(false), cronSchedule])
    .default("0 7 * * *")
    .describe("Cron schedule (UTC) of the restart of workers and consumers; `false` for none."),
  runBackfill: z.boolean().default(false).describe("`true` once for a new reporting database, then back."),
  email: z.strictObject({
    address: emailAddress,
    username: z.string().min(1),
    host: hostName,
    port: port.default(587),
  }),
  search: z
    .strictObject({
      host: z.url({ protocol: /^https$/, error: "use an https URL, such as https://search.example.com" }),
    })
    .describe("Meilisearch."),
});
export type BowMarkSetting = z.infer<typeof bowMarkSetting>;

const mongo = z.strictObject({ mongoUri: secretValue });

/** The secrets that this choice of settings needs, under `doks-systems:secrets` as `bowmark`. */
export function bowMarkSecrets(settings: BowMarkSetting) {
  return z.strictObject({
    paving: mongo,
    concrete: mongo,
    email: z.strictObject({ password: secretValue }),
    search: z.strictObject({ apiKey: secretValue }),
    jwtSecret: secretValue.optional().describe("Give the running one to keep users logged in. Default: generated"),
    bucket: secretIf(settings.bucket.kind === "existing", bucketKey),
    ...existingSecrets(settings),
  });
}
export type BowMarkSecrets = z.infer<ReturnType<typeof bowMarkSecrets>>;

/** What the rules of `settings/rules.ts` check against the platform. */
export function bowMarkFacts(settings: BowMarkSetting): SystemFacts {
  const hosts = [
    ...settings.hosts.paving.map((host, i): [string, string] => [`hosts.paving[${i}]`, host]),
    ...settings.hosts.concrete.map((host, i): [string, string] => [`hosts.concrete[${i}]`, host]),
  ];
  return {
    namespace: settings.namespace.name,
    tags: { imageTag: settings.imageTag },
    pools: { "pools.servers": settings.pools.servers, "pools.everythingElse": settings.pools.everythingElse },
    hosts: Object.fromEntries(hosts),
    buckets: {
      "bucket.name": settings.bucket,
      ...(settings.backup === false ? {} : { "backup.bucket.name": settings.backup.bucket }),
    },
    services: { database: settings.database },
    pullSecret: settings.images.pullSecret,
    registry: settings.images.repository,
    migrations: { migrations: settings.migrations },
  };
}
