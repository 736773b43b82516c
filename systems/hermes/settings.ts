/** Hermes' slice of a stack file. Defaults are the document's ("Deploying hermes-ipfs-cache") unless a line says otherwise. */
import { z } from "zod";
import { backupSetting, postgresSetting } from "../../settings/data-services.ts";
import { noticesFrom, serverParameters, usualFacts, type SystemFacts } from "../../settings/facts.ts";
import {
  dnsLabel,
  imagesSetting,
  imageTag,
  namespaceSetting,
  pathPrefix,
  port,
  secretValue,
} from "../../settings/fields.ts";
import { shape } from "../../settings/shape.ts";
import { workloadsSetting } from "../../settings/workload.ts";
import { hermesDifferences, publicGateway } from "./differences.ts";
import { workloadName } from "./names.ts";
import { hermesShapes } from "./shapes.ts";
import { existingSecrets } from "../../settings/system-secrets.ts";

/** Every workload that some choice of settings has. */
const workloadNames = [
  workloadName,
  ...["", "-setup", "-grant"].map((part) => `ipfs-cache-postgres${part}`),
  ...["migrate", "backup", "backup-drill"].map((part) => `ipfs-cache-${part}`),
];

const variableName = z.string().regex(/^[A-Z][A-Z0-9_]*$/, "use a variable name, such as START_BLOCK");

export { hermesDifferences };

export const hermesSetting = z.strictObject({
  namespace: namespaceSetting("kafka").describe("Shared with other Hermes services; adopt it where they made it."),
  imageTag,
  images: imagesSetting,
  pool: dnsLabel.default("general"),
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
    .default("https://mainnet.eth.streamingfast.io"),
  ipfsGateway: z
    .url({ protocol: /^https?$/, error: "use a URL that ends with a slash" })
    .endsWith("/", "end it with a slash")
    .default(publicGateway),
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
  metrics: z
    .strictObject({
      port,
      path: pathPrefix.default("/metrics"),
      cursorTimeMetric: z.string().min(1).default("hermes_ipfs_cache_cursor_timestamp_seconds"),
      blockMetric: z.string().min(1).default("hermes_ipfs_cache_block_number"),
    })
    .optional()
    .describe("Once the service has metrics; the names are those of its series."),
  database: postgresSetting(),
  migrations: z
    .string()
    .min(1)
    .default("systems/hermes/migrations")
    .describe("Folder of SQL files that are safe to run again, from the project's root."),
  backup: z
    .union([z.literal(false), backupSetting])
    .describe("Daily dumps; `false` for none, as with a managed database, which has its own."),
});
export type HermesSetting = z.infer<typeof hermesSetting>;

/** The secrets that this choice of settings needs, under `doks-systems:secrets` as `hermes`. */
export function hermesSecrets(settings: HermesSetting) {
  return z.strictObject({
    substreamsApiToken: secretValue.describe(
      "Issued by the Substreams provider. Sent as it is: where the provider wants it, begin it with `Bearer `.",
    ),
    ...existingSecrets(settings),
  });
}
export type HermesSecrets = z.infer<ReturnType<typeof hermesSecrets>>;

/** What the rules of `settings/rules` check against the platform. */
export function hermesFacts(settings: HermesSetting): SystemFacts {
  return {
    ...usualFacts(settings),
    hosts: {},
    served: {},
    services: { database: settings.database },
    parameters: serverParameters(settings),
    migrations: { migrations: settings.migrations },
    shapes: shape(hermesShapes(settings), settings.workloads),
    workloads: settings.workloads,
    refused: {
      ...(settings.imageSupports.databaseTls ? {} : tlsRefused(settings.database)),
      ...rangeRefused(settings),
      ...namesRefused(settings.variableNames),
    },
    notices: noticesFrom(hermesDifferences, settings),
  };
}

function rangeRefused({ startBlock, endBlock }: HermesSetting): SystemFacts["refused"] {
  if (endBlock === 0 || startBlock < endBlock) return {};
  const problem = `is not after startBlock, ${startBlock}: the stream would end before it begins`;
  return { endBlock: { value: endBlock, problem, fix: "use a later block, or 0 to stream for ever" } };
}

function namesRefused(names: HermesSetting["variableNames"]): SystemFacts["refused"] {
  const all = Object.entries(names);
  const twice = all.find(([, name], i) => all.findIndex(([, other]) => other === name) < i);
  if (twice === undefined) return {};
  const [setting, name] = twice;
  const problem = "is the name of another variable, too";
  return { [`variableNames.${setting}`]: { value: name, problem, fix: "give each its own name" } };
}

function tlsRefused(database: HermesSetting["database"]): SystemFacts["refused"] {
  if (database.kind === "in-cluster" || (database.kind === "existing" && database.tls === "disable")) return {};
  const managed = database.kind === "managed";
  return {
    [managed ? "database.kind" : "database.tls"]: {
      value: managed ? database.kind : database.tls,
      problem: "asks for TLS, and the published image's driver has none: it would end at its start",
      fix: `use ${managed ? '"in-cluster"' : '"disable"'}, or set imageSupports.databaseTls once the image has it`,
    },
  };
}
