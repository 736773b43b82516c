/** Hermes' slice of a stack file. Defaults are the document's ("Deploying hermes-ipfs-cache") unless a line says otherwise. */
import { z } from "zod";
import { backupSetting, postgresSetting } from "../../settings/data-services.ts";
import { usualFacts, type SystemFacts } from "../../settings/facts.ts";
import {
  dnsLabel,
  extraEnv,
  imagesSetting,
  imageTag,
  namespaceSetting,
  neighbours,
  pathPrefix,
  port,
  resources,
  secretValue,
} from "../../settings/fields.ts";
import { existingSecrets } from "../../settings/system-secrets.ts";

const cacheResources = { requests: { cpu: "250m", memory: "256Mi" }, limits: { cpu: "1000m", memory: "1Gi" } };

const variableName = z.string().regex(/^[A-Z][A-Z0-9_]*$/, "use a variable name, such as START_BLOCK");

export const hermesSetting = z
  .strictObject({
    namespace: namespaceSetting("kafka").describe("Shared with other Hermes services; adopt it where they made it."),
    imageTag,
    images: imagesSetting,
    pool: dnsLabel.default("general"),
    replicas: z.int().min(1).max(50).default(1).describe("More than 1 only with `sharding`."),
    sharding: z.boolean().default(false).describe("The service shares its partitions among its replicas; not yet."),
    resources: resources.default(cacheResources),
    substreamsEndpoint: z
      .url({ protocol: /^https$/, error: "use an https URL" })
      .default("https://mainnet.eth.streamingfast.io"),
    ipfsGateway: z
      .url({ protocol: /^https?$/, error: "use a URL that ends with a slash" })
      .endsWith("/", "end it with a slash")
      .default("https://gateway.ipfs.io/ipfs/"),
    startBlock: z
      .int()
      .min(0)
      .default(0)
      .describe("Where the stream begins when there is no cursor; at 0 a lost cursor replays the whole chain."),
    endBlock: z.int().min(0).default(0).describe("0 streams for ever."),
    logLevel: z.string().min(1).default("info,hermes_ipfs_cache=debug").describe("As `RUST_LOG` takes it."),
    variableNames: z
      .strictObject({
        ipfsGateway: variableName.default("IPFS_GATEWAY"),
        startBlock: variableName.default("START_BLOCK"),
        endBlock: variableName.default("END_BLOCK"),
      })
      .prefault({})
      .describe("What the service calls its variables; later versions renamed them."),
    env: extraEnv,
    health: z
      .strictObject({
        port,
        livenessPath: pathPrefix.default("/health"),
        readinessPath: pathPrefix.default("/ready"),
      })
      .optional()
      .describe("HTTP probes, once the service has an endpoint for them."),
    livenessCommand: z
      .array(z.string())
      .min(1)
      .optional()
      .describe("A command as liveness probe until then; never one that asks the database."),
    metrics: z
      .strictObject({
        port,
        path: pathPrefix.default("/metrics"),
        cursorTimeMetric: z.string().min(1).default("hermes_ipfs_cache_cursor_timestamp_seconds"),
        blockMetric: z.string().min(1).default("hermes_ipfs_cache_block_number"),
      })
      .optional()
      .describe("Once the service has metrics; the names are those of its series."),
    database: postgresSetting({
      inCluster: { requests: { cpu: "250m", memory: "256Mi" }, limits: { cpu: "1000m", memory: "512Mi" } },
    }),
    readers: neighbours.describe("Other pods that may read a database in the cluster, by name."),
    migrations: z
      .string()
      .min(1)
      .default("systems/hermes/migrations")
      .describe("Folder of SQL files that are safe to run again, from the project's root."),
    backup: z
      .union([z.literal(false), backupSetting])
      .describe("Daily dumps; `false` for none, as with a managed database, which has its own."),
  })
  .refine(({ replicas, sharding }) => replicas === 1 || sharding, {
    path: ["replicas"],
    error: "leave it at 1: two pods would write one cursor; or set sharding once the service has it",
  });
export type HermesSetting = z.infer<typeof hermesSetting>;

/** The secrets that this choice of settings needs, under `doks-systems:secrets` as `hermes`. */
export function hermesSecrets(settings: HermesSetting) {
  return z.strictObject({
    substreamsApiToken: secretValue.describe("Issued by the Substreams provider."),
    ...existingSecrets(settings),
  });
}
export type HermesSecrets = z.infer<ReturnType<typeof hermesSecrets>>;

/** What the rules of `settings/rules.ts` check against the platform. */
export function hermesFacts(settings: HermesSetting): SystemFacts {
  return {
    ...usualFacts(settings),
    hosts: {},
    services: { database: settings.database },
    migrations: { migrations: settings.migrations },
  };
}
