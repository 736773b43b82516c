/** Hermes' slice of a stack file. Defaults are the document's ("Deploying hermes-ipfs-cache") unless a line says otherwise. */
import { z } from "zod";
import { backupSetting, postgresSetting } from "../../settings/slices/data-services.ts";
import {
  dnsLabel,
  imagesSetting,
  imageTag,
  namespaceSetting,
  pathPrefix,
  port,
  secretValue,
} from "../../settings/slices/fields.ts";
import { postgresWorkloads } from "../../settings/slices/data-shapes/postgres.ts";
import { workloadsSetting } from "../../settings/slices/workload.ts";
import { publicGateway, workloadName } from "./names.ts";
import { existingSecrets, existingSecretsSetting, secretIf } from "../../settings/slices/system-secrets.ts";

/** Every workload that some choice of settings has. */
const workloadNames = [
  workloadName,
  ...postgresWorkloads("ipfs-cache-postgres"),
  ...["migrate", "backup", "backup-drill"].map((part) => `ipfs-cache-${part}`),
];

const variableName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*$/, "use a variable name, such as START_BLOCK")
  .meta({ form: "name of a variable", examples: ["FROM_BLOCK"] });

export const hermesSetting = z.strictObject({
  namespace: namespaceSetting("kafka").describe("Shared with other Hermes services; adopt it where they made it."),
  imageTag: imageTag.describe("Tag of the service's image."),
  images: imagesSetting,
  existingSecrets: existingSecretsSetting(["ipfs-cache-db-credentials", "substreams-credentials"]),
  pool: dnsLabel.default("general").meta({ description: "Node pool of its pods.", examples: ["batch"] }),
  workloads: workloadsSetting(workloadNames),
  sharding: z
    .boolean()
    .default(false)
    .describe("The image shares its partitions among its replicas, so that there may be several; not yet."),
  imageSupports: z
    .strictObject({
      databaseTls: z
        .boolean()
        .default(false)
        .describe("Its driver speaks TLS, which managed databases require; the published one's does not."),
    })
    .prefault({})
    .describe("What the image in use can do, beyond the published one."),
  substreamsEndpoint: z
    .url({ protocol: /^https$/, error: "use an https URL" })
    .default("https://mainnet.eth.streamingfast.io")
    .describe("Where the stream of blocks comes from.")
    .meta({ form: "https URL", examples: ["https://sepolia.eth.streamingfast.io"] }),
  ipfsGateway: z
    .url({ protocol: /^https?$/, error: "use a URL that ends with a slash" })
    .endsWith("/", "end it with a slash")
    .default(publicGateway)
    .describe("Where documents are fetched from.")
    .meta({ form: "URL that ends with a slash", examples: ["https://ipfs.example.com/ipfs/"] }),
  startBlock: z
    .int()
    .min(0)
    .default(0)
    .describe("Where the stream begins when there is no cursor; at 0 a lost cursor replays the whole chain.")
    .meta({ examples: [19_000_000] }),
  endBlock: z
    .int()
    .min(0)
    .default(0)
    .describe("Where the stream ends; 0 streams for ever.")
    .meta({ examples: [20_000_000] }),
  logLevel: z
    .string()
    .min(1)
    .default("info,hermes_ipfs_cache=debug")
    .describe("What is logged, as `RUST_LOG` takes it.")
    .meta({ examples: ["warn"] }),
  variableNames: z
    .strictObject({
      ipfsGateway: variableName
        .default("IPFS_GATEWAY")
        .meta({ description: "Variable for `ipfsGateway`.", examples: ["IPFS_URL"] }),
      startBlock: variableName.default("START_BLOCK").describe("Variable for `startBlock`."),
      endBlock: variableName
        .default("END_BLOCK")
        .meta({ description: "Variable for `endBlock`.", examples: ["TO_BLOCK"] }),
    })
    .prefault({})
    .describe("What the service calls its variables; later versions renamed them."),
  metrics: z
    .strictObject({
      port: port.meta({ description: "Port that Prometheus asks.", examples: [9100, 9101] }),
      path: pathPrefix
        .default("/metrics")
        .meta({ description: "Path that Prometheus asks.", examples: ["/prometheus"] }),
      cursorTimeMetric: z
        .string()
        .min(1)
        .default("hermes_ipfs_cache_cursor_timestamp_seconds")
        .describe("Series with the time of the cursor's block, which an alert looks at.")
        .meta({ examples: ["cursor_timestamp_seconds"] }),
      blockMetric: z
        .string()
        .min(1)
        .default("hermes_ipfs_cache_block_number")
        .describe("Series with the number of the cursor's block, which an alert looks at.")
        .meta({ examples: ["block_number"] }),
    })
    .optional()
    .meta({ description: "Once the service has metrics; the names are those of its series.", unset: "none" }),
  database: postgresSetting(),
  migrations: z
    .string()
    .min(1)
    .default("systems/hermes/migrations")
    .describe("Folder of SQL files that are safe to run again, from the project's root.")
    .meta({ form: "folder with .sql files", examples: ["systems/bowmark/migrations"] }),
  backup: z
    .union([z.literal(false), backupSetting])
    .describe("Daily dumps; `false` for none, as with a managed database, which has its own."),
});
export type HermesSetting = z.infer<typeof hermesSetting>;

/** The secrets that this choice of settings needs, under `doks-systems:secrets` as `hermes`. */
export function hermesSecrets(settings: HermesSetting) {
  const { existingSecrets: theirs } = settings;
  return z.strictObject({
    substreamsApiToken: secretIf(
      theirs["substreams-credentials"] === undefined,
      secretValue.describe(
        "Issued by the Substreams provider. Sent as it is: where the provider wants it, begin it with `Bearer `.",
      ),
    ),
    ...existingSecrets(settings, { database: theirs["ipfs-cache-db-credentials"] !== undefined }),
  });
}
export type HermesSecrets = z.infer<ReturnType<typeof hermesSecrets>>;
