/** Bow-Mark's slice of a stack file. Defaults are the document's ("Production Infrastructure") unless a line says otherwise. */
import { z } from "zod";
import { backupSetting, bucketSetting, postgresSetting } from "../../settings/slices/data-services.ts";
import { rabbitMqSetting } from "../../settings/slices/data-shapes/brokers.ts";
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
  repository,
  extraEnv,
  secretValue,
} from "../../settings/slices/fields.ts";
import { postgresWorkloads } from "../../settings/slices/data-shapes/postgres.ts";
import { workloadsSetting } from "../../settings/slices/workload.ts";
import { appNames, workloadName } from "./apps.ts";
import { bucketKey, existingSecrets, existingSecretsSetting, secretIf } from "../../settings/slices/system-secrets.ts";

/** Every workload that some choice of settings has. */
const workloadNames = [
  ...(["server", "worker", "consumer", "client"] as const).flatMap((kind) =>
    appNames.map((app) => workloadName(kind, app)),
  ),
  ...appNames.flatMap((app) => [`pg-migrate-${app}`, `backfill-${app}`]),
  ...postgresWorkloads("postgres"),
  ...["rabbitmq", "pg-backup", "pg-backup-drill"],
  "nightly-worker-restart",
];

export const bowMarkSetting = z.strictObject({
  namespace: namespaceSetting("bow-mark"),
  imageTag: imageTag.describe(
    "Tag of the images of servers, workers, consumers and clients: the commit that they were built from.",
  ),
  images: z
    .strictObject({
      repository: repository
        .default("itsdevin")
        .describe("Docker Hub organisation, or a registry path such as `registry.digitalocean.com/geo`."),
      pullSecret,
    })
    .prefault({})
    .describe("Where the application's images are, and how they are pulled."),
  hosts: z
    .strictObject({
      paving: z
        .array(hostName)
        .min(1)
        .describe("Of the app Paving.")
        .meta({ examples: [["new.bowmark.ca"]] }),
      concrete: z
        .array(hostName)
        .min(1)
        .describe("Of the app Concrete.")
        .meta({ examples: [["new.bowmark.ca"]] }),
    })
    .describe("Public host names by app; the two apps never share one."),
  serverPaths: z
    .array(pathPrefix)
    .min(1)
    .max(8)
    .max(6, "give at most six: with WebSockets on each, that is the 16 rules of an HTTPRoute")
    .default(["/graphql", "/file"])
    .describe("Path prefixes that the API server answers; everything else is the client's.")
    .meta({ examples: [["/graphql", "/file", "/api"]] }),
  webSocketPaths: z
    .array(pathPrefix)
    .default(["/graphql"])
    .describe("Of `serverPaths`, those that carry WebSockets.")
    .meta({ examples: [["/graphql", "/file"]] }),
  existingSecrets: existingSecretsSetting([
    ...(["postgres", "rabbitmq", "paving", "concrete", "general", "spaces", "email", "search"] as const),
  ]),
  pools: z
    .strictObject({
      servers: dnsLabel
        .default("dedicated-cpu-optimized")
        .meta({ description: "Of the API servers.", examples: ["batch"] }),
      everythingElse: dnsLabel.default("default-pool").meta({ description: "Of all other pods.", examples: ["batch"] }),
    })
    .prefault({})
    .describe("Node pools of its pods."),
  env: z
    .strictObject({
      paving: extraEnv.describe("Of the app Paving."),
      concrete: extraEnv.describe("Of the app Concrete."),
    })
    .prefault({})
    .describe("Variables of every workload of an app."),
  workloads: workloadsSetting(workloadNames),
  maxBodyMiB: z
    .int()
    .min(1)
    .max(1000)
    .default(100)
    .describe(
      "Largest request body, in MiB. One that says that it is larger is answered with 413 at once; one sent in chunks, without its size, ends in a reset when it has grown too large. Uploads are files.",
    )
    .meta({ examples: [250] }),
  database: postgresSetting(),
  rabbitmq: rabbitMqSetting,
  migrations: z
    .string()
    .min(1)
    .default("systems/bowmark/migrations")
    .describe(
      "Folder of dbmate migrations, from the project's root; copies of the application's `db/migrations`. Production " +
        "refuses the placeholder that is there: see docs/releasing.md.",
    )
    .meta({ form: "folder with .sql files", examples: ["systems/hermes/migrations"] }),
  bucket: bucketSetting.describe("The application's files."),
  backup: z
    .union([z.literal(false), backupSetting])
    .describe("Daily dumps of both reporting databases; `false` for none."),
  nightlyRestart: z
    .union([z.literal(false), cronSchedule])
    .default("0 7 * * *")
    .describe("Cron schedule (UTC) of the restart of workers and consumers; `false` for none."),
  runBackfill: z.boolean().default(false).describe("`true` once for a new reporting database, then back."),
  email: z
    .strictObject({
      address: emailAddress.describe("Who sends mail."),
      username: z
        .string()
        .min(1)
        .describe("Who logs in to the server.")
        .meta({ examples: ["ops@example.com"] }),
      host: hostName.describe("Server that takes mail.").meta({ examples: ["mail.example.com"] }),
      port: port
        .default(465)
        .meta({ description: "Port for implicit TLS, the only one that the image speaks.", examples: [2465] }),
    })
    .describe("How the application sends mail."),
  search: z
    .strictObject({
      host: z
        .url({ protocol: /^https$/, error: "use an https URL, such as https://search.example.com" })
        .describe("Where it is.")
        .meta({ form: "https URL", examples: ["https://search-2.example.com"] }),
    })
    .describe("Meilisearch."),
});
export type BowMarkSetting = z.infer<typeof bowMarkSetting>;

const mongo = z.strictObject({ mongoUri: secretValue });

/** The secrets that this choice of settings needs, under `doks-systems:secrets` as `bowmark`. */
export function bowMarkSecrets(settings: BowMarkSetting) {
  const { existingSecrets: theirs } = settings;
  return z.strictObject({
    paving: secretIf(theirs.paving === undefined, mongo),
    concrete: secretIf(theirs.concrete === undefined, mongo),
    email: secretIf(theirs.email === undefined, z.strictObject({ password: secretValue })),
    search: secretIf(theirs.search === undefined, z.strictObject({ apiKey: secretValue })),
    jwtSecret: secretValue
      .optional()
      .meta({ description: "Give the running one to keep users logged in.", unset: "generated" }),
    bucket: secretIf(settings.bucket.kind === "existing" && theirs.spaces === undefined, bucketKey),
    // The migrations' URLs are made of the password, wherever the Secret of the workloads is from.
    ...existingSecrets(settings, { rabbitmq: theirs.rabbitmq !== undefined }),
  });
}
export type BowMarkSecrets = z.infer<ReturnType<typeof bowMarkSecrets>>;
