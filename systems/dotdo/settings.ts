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
  objectName,
  podCount,
  pullSecret,
  repository,
  secretValue,
} from "../../settings/slices/fields.ts";
import { workloadsSetting } from "../../settings/slices/workload.ts";
import { bucketKey, existingSecrets, secretIf } from "../../settings/slices/system-secrets.ts";

const milliseconds = z.int().min(1);
const ingress = z.strictObject({
  host: hostName,
  maxBodyMiB: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe(
      "Largest request body, in MiB. One that says that it is larger is answered with 413 at once; one sent in chunks, without its size, ends in a reset when it has grown too large. Default: the profile's",
    ),
  timeoutSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(3600)
    .describe("Until an unanswered request is given up; on WebSockets, of silence."),
  webSockets: z.boolean().default(true),
});

export const dotdoSetting = z
  .strictObject({
    profile: z.enum(["default", "production", "fly"]).default("default").describe("The document's values files."),
    namespace: namespaceSetting("dotdo"),
    image: z
      .strictObject({
        repository: repository.optional().describe("Default: the profile's, `ghcr.io/dot-do/dotdo`"),
        tag: imageTag,
        pullSecret,
      })
      .describe("The service's image."),
    pool: dnsLabel.default("general"),
    workloads: workloadsSetting(["dotdo", "dotdo-redis"]),
    podDisruptionBudget: z
      .union([
        z.literal(false),
        z.strictObject({ minAvailable: podCount }),
        z.strictObject({ maxUnavailable: podCount }),
      ])
      .optional()
      .describe("Default: the profile's"),
    ingress: z
      .union([z.literal(false), ingress])
      .optional()
      .describe("The public host. Required unless the profile is `fly`, or `false`."),
    linkerd: z.boolean().optional().describe("Ask for Linkerd's proxy. Default: the profile's"),
    prometheus: z
      .union([z.literal(false), z.strictObject({ intervalSeconds: z.int().min(5).max(300).optional() })])
      .optional()
      .describe(
        "Scrape annotations, and a ServiceMonitor with alerts where the cluster knows them; `{}` for the profile's interval. " +
          "Default: none, because the published image has no metrics",
      ),
    tursoUrl: z
      .string()
      .regex(/^(libsql|https):\/\/\S+$/, "use a URL, such as libsql://your-db.turso.io")
      .describe("Holds all state."),
    storage: z
      .discriminatedUnion("kind", [
        /** A Spaces bucket. */
        z.strictObject({ kind: z.literal("spaces"), bucket: bucketSetting }),
        /** Cloudflare R2, or whatever speaks its protocol. */
        z.strictObject({
          kind: z.literal("r2"),
          endpoint: z.url({
            protocol: /^https?$/,
            error: "use a URL, such as https://account.r2.cloudflarestorage.com",
          }),
          bucket: z.string().min(3),
        }),
      ])
      .describe("Larger objects."),
    redis: z
      .union([z.literal(false), redisSetting()])
      .default(false)
      .describe("For traffic between pods beside RPC; `false` for none."),
    secrets: z
      .discriminatedUnion("kind", [
        /** The stack's secrets. */
        z.strictObject({ kind: z.literal("create") }),
        /** A Secret of the namespace that somebody else keeps, with the same keys. */
        z.strictObject({ kind: z.literal("existing"), secretName: objectName }),
      ])
      .default({ kind: "create" }),
    apiKey: z
      .enum(["none", "generated", "given"])
      .default("none")
      .describe("Whether clients must show a key; `given` is the secret `apiKey`."),
    maxConcurrent: z.int().min(1).optional().describe("Durable Objects of a pod. Default: the profile's"),
    idleTimeout: milliseconds.optional().describe("Milliseconds. Default: the profile's"),
    rpcTimeout: milliseconds.optional().describe("Milliseconds. Default: the profile's"),
    logLevel: z.enum(["error", "warn", "info", "debug"]).optional().describe("Default: the profile's"),
  })
  .refine(({ profile, ingress: way }) => profile === "fly" || way !== undefined, {
    path: ["ingress"],
    error: "set ingress.host, or ingress: false",
  })
  .refine(({ secrets, storage }) => secrets.kind === "create" || storage.kind === "r2", {
    path: ["secrets", "kind"],
    error: 'use "create": the bucket\'s key has no place in a Secret that somebody else keeps; or storage.kind "r2"',
  })
  .refine(({ secrets, redis }) => secrets.kind === "create" || redis === false || redis.kind === "existing", {
    path: ["redis"],
    error: "use an existing Redis, or false: its password has no place in a Secret that somebody else keeps",
  });
export type DotdoSetting = z.infer<typeof dotdoSetting>;

/** The secrets that this choice of settings needs, under `doks-systems:secrets` as `dotdo`. */
export function dotdoSecrets(settings: DotdoSetting) {
  const create = settings.secrets.kind === "create";
  const { storage, redis } = settings;
  const existing = existingSecrets({ images: settings.image, ...(create ? { redis } : {}) });
  return z.strictObject({
    tursoToken: secretIf(create, secretValue.describe("Issued by Turso.")),
    r2: secretIf(create && (storage.kind === "r2" || storage.bucket.kind === "existing"), bucketKey),
    apiKey: secretIf(create && settings.apiKey === "given", secretValue),
    registryPassword: existing.registryPassword,
    redisPassword: existing.redisPassword,
  });
}
export type DotdoSecrets = z.infer<ReturnType<typeof dotdoSecrets>>;
