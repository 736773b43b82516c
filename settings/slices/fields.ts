/** The fields that settings are made of: each says in its message what is right, so that the one error can. */
import { isIPv4 } from "node:net";
import { domainToASCII } from "node:url";
import { z } from "zod";
import { parseCron } from "../../catalogue/cron.ts";
import { volumeBytes } from "../../catalogue/doks.ts";
import { repositoryPattern, tagPattern } from "../../catalogue/image.ts";
import { bytes, isQuantity, milliCpu } from "../../catalogue/quantity.ts";

const dnsLabelPattern = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** The last label is letters, or the ASCII form of a name in other letters. */
const hostPattern = /^(?=.{1,253}$)([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[-a-z0-9]{0,58}[a-z0-9])$/;

/** A name as Kubernetes, DNS and DigitalOcean take it (RFC 1035 label). */
export const dnsLabel = z
  .string()
  .regex(dnsLabelPattern, "use lower-case letters, digits and dashes, at most 63, beginning with a letter")
  .meta({ form: "name", examples: ["blue-2", "green-2"] });

/** A full host name: `app.example.com`; names in other letters in their ASCII form, `xn--…`. */
export const hostName = z
  .string()
  .regex(hostPattern, {
    error: ({ input }) => {
      const ascii = domainToASCII(typeof input === "string" ? input : "");
      const other = ascii !== input && hostPattern.test(ascii);
      return other ? `write it as ${ascii}` : "use a full lower-case host name, such as app.example.com";
    },
  })
  .meta({ form: "host name", examples: ["app.example.com", "www.example.com"] });

/** Where a server is that exists already: a host name, or an IPv4 address. */
export const serverHost = z
  .string()
  .refine((host) => isIPv4(host) || hostPattern.test(host), "use a full host name or an IPv4 address")
  .meta({ form: "host name or IPv4 address", examples: ["db.example.com", "db-2.example.com"] });

/** A Kubernetes memory quantity: `512Mi`, `1.5Gi`, `1G`. Less than a mebibyte is a slip, such as `512m`, half a byte. */
export const quantity = z
  .string()
  .refine((text) => isQuantity(text) && bytes(text) >= 2 ** 20, "use a quantity such as 512Mi or 10Gi, from 1Mi up")
  .meta({ form: "quantity of memory, 1Mi or more", examples: ["768Mi", "3Gi"] });

/** Size of a volume. Source: DigitalOcean, "Volumes Limits": 1 GiB to 16 TiB. */
export const volumeSize = z
  .string()
  .refine(
    (text) => isQuantity(text) && bytes(text) >= volumeBytes.smallest && bytes(text) <= volumeBytes.largest,
    "use a quantity from 1Gi to 16Ti, such as 10Gi",
  )
  .meta({ form: "quantity of storage, 1Gi to 16Ti", examples: ["40Gi", "60Gi"] });

/** A Kubernetes CPU quantity: `250m`, `2` or `1.5`; thousandths are the finest. */
export const cpu = z
  .string()
  .refine(
    (text) => isQuantity(text) && milliCpu(text) >= 1 && /^[0-9.]+m?$/.test(text),
    "use a CPU quantity, such as 250m, 1.5 or 2",
  )
  .meta({ form: "quantity of CPU, 1m or more", examples: ["300m", "1.5"] });

/** Name of an environment variable. */
export const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "use a variable name, such as LOG_LEVEL")
  .meta({ form: "name of a variable", examples: ["FEATURE_X"] });

/** Requests and limits of one container. */
export const resources = z.strictObject({
  requests: z
    .strictObject({
      cpu: cpu.describe("CPU that a node keeps free for it."),
      memory: quantity.describe("Memory that a node keeps free for it."),
    })
    .describe("What a node must have free for it."),
  limits: z
    .strictObject({
      cpu: cpu.describe("CPU that it gets at most; beyond, it is slowed down."),
      memory: quantity.describe("Memory that it gets at most; beyond, it is killed."),
    })
    .describe("What it gets at most."),
});
export type Resources = z.infer<typeof resources>;

/** A cron schedule in UTC as Kubernetes takes it: five fields, or a word such as `@daily`. */
export const cronSchedule = z
  .string()
  .refine(
    (schedule) => parseCron(schedule) !== undefined,
    'use five cron fields of days that come, in UTC, such as "0 8 * * *" for every day at 08:00',
  )
  .meta({ form: "cron schedule in UTC, five fields or a word like `@daily`", examples: ["30 6 * * *", "@weekly"] });

export const port = z
  .int()
  .min(1)
  .max(65535)
  .meta({ examples: [8443, 9443] });

/** How many pods run; a fixed count. */
export const replicaCount = z
  .int()
  .min(1)
  .max(100)
  .meta({ examples: [4] });

/** An image tag or digest, or both; production refuses tags that move (see `settings/rules`). */
export const imageTag = z
  .string()
  .regex(tagPattern, "use an image tag, such as a commit id or 1.4.0, a digest (sha256:…), or both: 1.4.0@sha256:…")
  .meta({ form: "image tag, digest, or both", examples: ["1.5.0", "1.6.0"] });

/** An image's name without its tag. */
export const repository = z
  .string()
  .regex(repositoryPattern, "use a repository, such as registry.digitalocean.com/geo, without a tag")
  .meta({ form: "image name without a tag", examples: ["registry.example.com/team", "registry.example.com/other"] });

/** A Spaces bucket name: global, 3 to 63 characters. */
export const bucketName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, "use 3 to 63 lower-case letters, digits and dashes")
  .meta({
    form: "bucket name, 3 to 63 lower-case letters, digits and dashes",
    examples: ["my-team-backups", "my-team-objects"],
  });

/** A path prefix of a URL, as Gateway API takes it: no empty step, none of dots alone. */
export const pathPrefix = z
  .string()
  .max(1024, "use at most 1024 characters")
  .regex(
    /^\/$|^(\/\.*[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+\/?$/,
    "use a path that begins with a slash and has no empty step, such as /file",
  )
  .meta({ form: "path that begins with a slash", examples: ["/api", "/v2"] });

export const emailAddress = z
  .email("use an e-mail address, such as ops@example.com")
  .meta({ form: "e-mail address", examples: ["ops@example.com", "dev@example.com"] });

/** A value that `pulumi config set --secret` holds; never shown, so its message never quotes it. */
export const secretValue = z.string().min(1, "give it a value");

/** Where a system's objects live: a namespace of its own, or one that exists already. */
export function namespaceSetting(defaultName: string) {
  return z
    .strictObject({
      name: dnsLabel
        .default(defaultName)
        .meta({ description: "Name of the namespace.", examples: [`${defaultName}-2`] }),
      create: z
        .boolean()
        .default(true)
        .describe("`false` adopts a namespace that somebody else made: its labels and its other pods stay untouched."),
    })
    .prefault({})
    .describe("Where the system's objects live.");
}
export type NamespaceSetting = z.infer<ReturnType<typeof namespaceSetting>>;

/** A name as Kubernetes takes it for Secrets and other objects (RFC 1123 subdomain). */
export const objectName = z
  .string()
  .max(253, "use at most 253 characters")
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    "use lower-case letters, digits, dashes and dots",
  )
  .meta({ form: "name of an object", examples: ["partner", "partner-2"] });

/** How private images are pulled. */
export const pullSecret = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("none") }).describe("The images are public."),
    z
      .strictObject({ kind: z.literal("platform-registry") })
      .describe("The platform's DigitalOcean container registry."),
    z
      .strictObject({
        kind: z.literal("credentials"),
        server: z
          .string()
          .min(1)
          .describe("Host of the registry.")
          .meta({ examples: ["registry.example.com", "ghcr.io"] }),
        username: z
          .string()
          .min(1)
          .describe("Who logs in to it.")
          .meta({ examples: ["robot", "reader"] }),
      })
      .describe("Any registry; the password is the secret `registryPassword` of the system."),
    z
      .strictObject({ kind: z.literal("existing"), secretName: objectName.describe("Name of the Secret.") })
      .describe("A Secret `kubernetes.io/dockerconfigjson` that somebody else keeps in the namespace."),
  ])
  .default({ kind: "none" })
  .describe("How private images are pulled.");
export type PullSecretSetting = z.infer<typeof pullSecret>;

/** Where a system's own images are, and how they are pulled. */
export const imagesSetting = z
  .strictObject({
    registry: repository
      .optional()
      .describe("What the names of the images begin with.")
      .meta({ unset: "the platform's registry" }),
    pullSecret: pullSecret.default({ kind: "platform-registry" }),
  })
  .prefault({})
  .describe("Where the system's own images are, and how they are pulled.");
export type ImagesSetting = z.infer<typeof imagesSetting>;

/** Variables that several containers get beside their own; a workload's own `env` wins over them. */
export const extraEnv = z
  .record(variableName, z.string("put it in quotes: variables are texts"))
  .default({})
  .meta({ examples: [{ FEATURE_X: "on" }] });

/** A key of a Secret or ConfigMap. */
export const objectKey = z
  .string()
  .regex(/^[-._A-Za-z0-9]{1,253}$/, "use letters, digits, dots, dashes and underscores")
  .meta({ form: "key of a Secret or ConfigMap", examples: ["token", "key"] });

const labelName = /[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?/.source;
/** Labels as Kubernetes takes them. */
export const labels = z
  .record(
    z
      .string()
      .regex(
        new RegExp(`^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?${labelName}$`),
        "use a label's name, such as app or app.kubernetes.io/name",
      )
      .meta({ form: "label" }),
    z.string().regex(new RegExp(`^(${labelName})?$`), "use at most 63 letters, digits, dashes, dots and underscores"),
  )
  .meta({ examples: [{ app: "partner" }] });

/** An absolute number of pods, or a share such as `25%`. */
export const podCount = z
  .union([
    z.int().min(0),
    z
      .string()
      .regex(/^(100|[1-9]?[0-9])%$/, 'use a number, or a share in quotes, such as "25%"')
      .meta({ form: "share of them", examples: ["25%"] }),
  ])
  .meta({ examples: [2] });

/** How long something lasts, in days. */
export const days = z
  .int()
  .min(1)
  .max(3650)
  .meta({ examples: [90] });

/** Addresses of a network. */
export const cidr = (example: string) =>
  z.cidrv4(`use a CIDR block, such as ${example}`).meta({ form: "CIDR block", examples: [example, "10.117.0.0/20"] });
