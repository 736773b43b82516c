/**
 * dotdo's slice of a stack file. Names follow the chart's parameters; what is not said comes from the profile
 * (`profiles.ts`), as the document's values files have it.
 */
import { z } from "zod";
import { bucketSetting, redisSetting } from "../../settings/slices/data-services.ts";
import {
  dnsLabel,
  hostName,
  imageTag,
  namespaceSetting,
  podCount,
  pullSecret,
  repository,
  secretValue,
} from "../../settings/slices/fields.ts";
import { workloadsSetting } from "../../settings/slices/workload.ts";
import {
  bucketKey,
  existingSecrets,
  existingSecretsSetting,
  secretIf,
  takenPassword,
} from "../../settings/slices/system-secrets.ts";

const milliseconds = z
  .int()
  .min(1)
  .meta({ examples: [45_000] });
const profiles = { unset: "the profile's" };
const ingress = z.strictObject({
  host: hostName.describe("Public name.").meta({ examples: ["edge.example.com"] }),
  maxBodyMiB: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .meta({
      description:
        "Largest request body, in MiB. One that says that it is larger is answered with 413 at once; one sent in chunks, without its size, ends in a reset when it has grown too large.",
      examples: [25],
      ...profiles,
    }),
  timeoutSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(3600)
    .describe("Until an unanswered request is given up; on WebSockets, of silence.")
    .meta({ examples: [600] }),
  webSockets: z.boolean().default(true).describe("Connections may become WebSockets."),
});

export const dotdoSetting = z
  .strictObject({
    profile: z.enum(["default", "production", "fly"]).default("default").describe("The document's values files."),
    namespace: namespaceSetting("dotdo"),
    image: z
      .strictObject({
        repository: repository
          .optional()
          .meta({ description: "Its name without a tag.", unset: "the profile's, `ghcr.io/dot-do/dotdo`" }),
        tag: imageTag.describe("Its tag."),
        pullSecret,
      })
      .describe("The service's image."),
    pool: dnsLabel.default("general").meta({ description: "Node pool of its pods.", examples: ["batch"] }),
    workloads: workloadsSetting(["dotdo", "dotdo-redis"]),
    podDisruptionBudget: z
      .union([
        z.literal(false),
        z.strictObject({ minAvailable: podCount.describe("Pods that stay, at least; a number or a share.") }),
        z.strictObject({ maxUnavailable: podCount.describe("Pods that go at once, at most; a number or a share.") }),
      ])
      .optional()
      .meta({
        description: "How many pods may go at once when nodes are drained; `false` for no budget.",
        ...profiles,
      }),
    ingress: z
      .union([z.literal(false), ingress])
      .optional()
      .meta({
        description: "The public host; `false` for none.",
        unset: "required, but none where the profile is `fly`",
      }),
    linkerd: z
      .boolean()
      .optional()
      .meta({ description: "Ask for Linkerd's proxy.", ...profiles }),
    prometheus: z
      .union([
        z.literal(false),
        z.strictObject({
          intervalSeconds: z
            .int()
            .min(5)
            .max(300)
            .optional()
            .meta({ description: "Seconds from one scrape to the next.", examples: [60], ...profiles }),
        }),
      ])
      .optional()
      .meta({
        description:
          "Scrape annotations, and a ServiceMonitor with alerts where the cluster knows them; `{}` for the profile's interval.",
        unset: "none, because the published image has no metrics",
      }),
    tursoUrl: z
      .string()
      .regex(/^(libsql|https):\/\/\S+$/, "use a URL, such as libsql://your-db.turso.io")
      .describe("Where Turso is, which holds all state.")
      .meta({ form: "libsql or https URL", examples: ["libsql://my-db.turso.io"] }),
    storage: z
      .discriminatedUnion("kind", [
        z
          .strictObject({ kind: z.literal("spaces"), bucket: bucketSetting.describe("The bucket.") })
          .describe("A Spaces bucket."),
        z
          .strictObject({
            kind: z.literal("r2"),
            endpoint: z
              .url({
                protocol: /^https?$/,
                error: "use a URL, such as https://account.r2.cloudflarestorage.com",
              })
              .describe("Where it is.")
              .meta({ form: "URL", examples: ["https://account.r2.cloudflarestorage.com", "https://s3.example.com"] }),
            bucket: z
              .string()
              .min(3)
              .describe("Name of the bucket.")
              .meta({ examples: ["dotdo-objects", "dotdo-objects-2"] }),
          })
          .describe("Cloudflare R2, or whatever speaks its protocol."),
      ])
      .describe("Where larger objects are kept."),
    redis: z
      .union([z.literal(false), redisSetting()])
      .default(false)
      .describe("For traffic between pods beside RPC; `false` for none."),
    existingSecrets: existingSecretsSetting(["dotdo-secrets"]),
    apiKey: z
      .enum(["none", "generated", "given"])
      .default("none")
      .describe("Whether clients must show a key; `given` is the secret `apiKey`."),
    maxConcurrent: z
      .int()
      .min(1)
      .optional()
      .meta({ description: "Durable Objects of a pod, at most.", examples: [2000], ...profiles }),
    idleTimeout: milliseconds
      .optional()
      .meta({ description: "Milliseconds until a Durable Object counts as idle.", ...profiles }),
    rpcTimeout: milliseconds
      .optional()
      .meta({ description: "Milliseconds until a call between pods is given up.", ...profiles }),
    logLevel: z
      .enum(["error", "warn", "info", "debug"])
      .optional()
      .meta({ description: "What is logged.", ...profiles }),
  })
  .refine(({ profile, ingress: way }) => profile === "fly" || way !== undefined, {
    path: ["ingress"],
    error: "set ingress.host, or ingress: false",
  });
export type DotdoSetting = z.infer<typeof dotdoSetting>;

/** The secrets that this choice of settings needs, under `doks-systems:secrets` as `dotdo`. */
export function dotdoSecrets(settings: DotdoSetting) {
  const create = settings.existingSecrets["dotdo-secrets"] === undefined;
  const { storage, redis } = settings;
  const existing = existingSecrets(
    { images: settings.image, ...(redis === false ? {} : { redis }) },
    { redis: !create },
  );
  return z.strictObject({
    tursoToken: secretIf(create, secretValue.describe("Issued by Turso.")),
    r2: secretIf(create && (storage.kind === "r2" || storage.bucket.kind === "existing"), bucketKey),
    apiKey: create && settings.apiKey === "given" ? secretValue : takenPassword,
    registryPassword: existing.registryPassword,
    redisPassword: existing.redisPassword,
  });
}
export type DotdoSecrets = z.infer<ReturnType<typeof dotdoSecrets>>;
