/** What a stack says about the ground its systems stand on: cluster, pools, registry, domains, edge, add-ons. */
import { z } from "zod";
import { addonsSetting, monitoringSetting } from "./platform/addons.ts";
import { clusterSetting, poolsSetting } from "./platform/cluster.ts";
import { domainsSetting, edgeSetting } from "./platform/edge.ts";
import { dnsLabel } from "./slices/fields.ts";
import { takenPassword } from "./slices/system-secrets.ts";

/** Spaces and registry regions are fewer than cluster regions, so they are set apart (`storageRegion`). */
const region = z
  .string()
  .regex(/^[a-z]{3}[0-9]$/, "use a DigitalOcean region slug, such as nyc1")
  .meta({ form: "region slug" });

const image = (what: string) =>
  z
    .string()
    .min(1)
    .optional()
    .meta({
      description: `Image of ${what}.`,
      form: "image with its tag",
      unset: "the pinned one",
      examples: ["mirror.example.com/other:1.2.3"],
    });

const registryName = dnsLabel.meta({ examples: ["my-team", "other-team"] });

export const platformSetting = z.strictObject({
  environment: z
    .enum(["production", "staging", "local"])
    .describe("`production` protects what holds data and refuses image tags that move."),
  account: dnsLabel.optional().meta({
    description:
      "A name for the DigitalOcean account that the stack is in, where the stacks are in several: ranges and names of an account must " +
      "differ only among its own stacks. Which account it is, the token decides.",
    unset: "the account of all stacks that name none",
    examples: ["eu-account", "us-account"],
  }),
  catalogue: z
    .enum(["strict", "lenient"])
    .default("strict")
    .describe(
      "`lenient` takes regions, sizes and versions that this program does not know (yet), and ranges of a cluster that DigitalOcean " +
        "would not give a new one; preflight asks DigitalOcean for them.",
    ),
  region: region
    .default("nyc1")
    .describe("Where cluster and managed databases are.")
    .meta({ examples: ["sfo3", "fra1"] }),
  storageRegion: region
    .default("nyc3")
    .describe("Where buckets and the registry are.")
    .meta({ examples: ["sfo3", "fra1"] }),
  cluster: clusterSetting,
  pools: poolsSetting,
  registry: z
    .discriminatedUnion("kind", [
      z
        .strictObject({
          kind: z.literal("create"),
          name: registryName.describe("Name of the registry; all of DigitalOcean shares one set of names."),
          tier: z
            .enum(["starter", "basic", "professional"])
            .default("basic")
            .describe("Subscription: how many repositories and how much storage it has, and what it costs."),
        })
        .describe("This stack makes it: one of an account does, the others use it."),
      z
        .strictObject({ kind: z.literal("existing"), name: registryName.describe("Name of the registry.") })
        .describe("The account has it."),
      z.strictObject({ kind: z.literal("none") }).describe("Images come from elsewhere."),
    ])
    .default({ kind: "none" })
    .describe("DigitalOcean's container registry, for the systems' own images."),
  domains: domainsSetting,
  edge: edgeSetting,
  addons: addonsSetting,
  monitoring: monitoringSetting,
  images: z
    .strictObject({
      postgres: z
        .partialRecord(z.enum(["14", "15", "16", "17", "18"]), z.string().min(1))
        .optional()
        .meta({
          description: "Images of PostgreSQL by major version: a server's, and its clients'.",
          unset: "the pinned ones",
          examples: [{ "16": "mirror.example.com/postgres:16.10" }],
        }),
      rabbitmq: image("RabbitMQ"),
      redis: image("Redis, and of its clients"),
      zookeeper: image("ZooKeeper"),
      kafka: image("Kafka's brokers, and of its clients"),
      schemaRegistry: image("the schema registry"),
      dbmate: image("dbmate, which runs migrations"),
      kubectl: image("`kubectl` in tasks that call Kubernetes' API"),
      kubectlShell: image("`kubectl` with a shell, for scripts"),
      awsCli: image("the AWS CLI, which backups write to buckets with"),
    })
    .prefault({})
    .describe("Other images than the pinned ones, by name (`components/site/images.ts`)."),
});
export type PlatformSetting = z.infer<typeof platformSetting>;

/** The secrets of the platform itself, under `doks-systems:secrets` as `platform`. */
export const platformSecrets = z.strictObject({
  grafanaPassword: takenPassword.meta({
    description: "Of Grafana's user `admin`, where the stack installs it.",
    unset: "generated",
  }),
});
export type PlatformSecrets = z.infer<typeof platformSecrets>;
export type ClusterSetting = PlatformSetting["cluster"];
export type EdgeSetting = PlatformSetting["edge"];
