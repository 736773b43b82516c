/** The slice of settings that every workload takes: each Deployment, StatefulSet and task of every system, by its name. */
import { z } from "zod";
import { imagePattern } from "../../catalogue/image.ts";
import {
  cpu,
  dnsLabel,
  imageTag,
  objectKey,
  objectName,
  port,
  quantity,
  replicaCount,
  variableName,
} from "./fields.ts";
import { running } from "./running.ts";
import { portName, probeOrOff, reach, seconds, someSeconds, system, visitor, type probe } from "./workload-parts.ts";

const path = z
  .string()
  .regex(/^\/[^\0:]*[^\0:/]$/, "use an absolute path that does not end with a slash, such as /app/data")
  .meta({ form: "absolute path" });
/** Of users and groups; Linux has no larger one. */
const userId = z
  .int()
  .min(1)
  .max(2_147_483_647)
  .meta({ examples: [10_001] });
export const imageName = z
  .string()
  .regex(
    imagePattern,
    "use an image, such as registry.example.com/team/app:1.4.0, or its name in the system's registry",
  )
  .meta({ form: "image, or its name in the system's registry", examples: ["registry.example.com/team/app:1.5.0"] });

export type ProbeSetting = z.infer<typeof probe>;

const fileKey = objectKey
  .optional()
  .meta({ description: "One key of the ConfigMap or Secret.", unset: "every key is a file of a folder" });
const fileSource = z
  .union([
    z.strictObject({
      file: z
        .string()
        .min(1)
        .meta({
          description: "A file of the project, text or binary, up to 1 MiB.",
          examples: ["README.md", "index.ts"],
        }),
    }),
    z.strictObject({
      folder: z
        .string()
        .min(1)
        .meta({
          description: "Every file of a folder of the project.",
          examples: ["systems/hermes/migrations", "systems/bowmark/migrations"],
        }),
    }),
    z.strictObject({ configMap: objectName.describe("An existing ConfigMap."), key: fileKey }),
    z.strictObject({ secret: objectName.describe("An existing Secret."), key: fileKey }),
  ])
  .describe("With `key` (and for `file`) the path is a file, else a folder.");
export type FileSource = z.infer<typeof fileSource>;

export type Reach = z.infer<typeof reach>;
export type Visitor = z.infer<typeof visitor>;

const percent = z
  .int()
  .min(1)
  .max(100)
  .meta({ examples: [55] });
const pods = z.int().min(1).max(1000);
const autoscaling = z.strictObject({
  min: pods.optional().meta({ description: "Pods at rest.", examples: [4], ...system }),
  max: pods.optional().meta({ description: "Pods at most.", examples: [12], ...system }),
  cpuPercent: percent.optional().meta({ description: "Average use of the requested CPU, in percent.", ...system }),
  memoryPercent: z
    .union([z.literal(false), percent])
    .optional()
    .meta({ description: "Average use of the requested memory, in percent; `false` to scale without it.", ...system }),
  podMetrics: z
    .record(
      z
        .string()
        .regex(/^[^/%.][^/%]{0,252}$/, "use a metric's name, such as http_requests_per_second")
        .meta({ form: "metric" }),
      z
        .string()
        .regex(/^[1-9][0-9]*m?$/, 'use a quantity in quotes, such as "1000"')
        .meta({ form: "quantity in quotes" }),
    )
    .optional()
    .meta({
      description: "Average of a metric of the pods' own, by its name; needs the add-on `prometheusAdapter`.",
      examples: [{ http_requests_per_second: "1000" }],
      ...system,
    }),
});

const orFalse = <Schema extends z.ZodType>(schema: Schema) => z.union([z.literal(false), schema]);
const someResources = z.strictObject({
  cpu: cpu.optional().meta({ description: "CPU of one pod.", ...system }),
  memory: quantity.optional().meta({ description: "Memory of one pod.", ...system }),
});

/** What a stack may say of one workload; what it does not say stays as the system has it. */
const workloadSetting = z
  .strictObject({
    image: imageName
      .optional()
      .meta({ description: "A whole name (with a slash), or a name in the system's registry.", ...system }),
    tag: imageTag
      .optional()
      .meta({ description: "Tag of its image.", unset: "the system's `imageTag`, or the pinned one" }),
    command: z
      .array(z.string())
      .min(1)
      .optional()
      .meta({ description: "Instead of the image's entry point.", examples: [["node", "server.js"]], ...system }),
    args: z
      .array(z.string())
      .optional()
      .meta({ description: "Arguments of the entry point.", examples: [["--verbose"]], ...system }),
    env: z
      .record(
        variableName,
        z.union([
          z.string("put it in quotes: variables are texts"),
          z.strictObject({
            secret: objectName.describe("An existing Secret."),
            key: objectKey.describe("Which of its keys."),
          }),
        ]),
      )
      .optional()
      .meta({
        description: "Variables: texts, or keys of existing Secrets. They win over the system's own.",
        unset: "none beside the system's",
        examples: [{ FEATURE_X: "on" }, { TOKEN: { secret: "partner", key: "token" } }],
      }),
    envFrom: z
      .array(objectName)
      .optional()
      .meta({
        description: "Existing Secrets whose every key becomes a variable.",
        unset: "none beside the system's",
        examples: [["partner"]],
      }),
    user: z
      .strictObject({ uid: userId.describe("User."), gid: userId.describe("Group, of files on volumes too.") })
      .optional()
      .meta({ description: "Numeric ids that it runs as; files of volumes belong to the group.", ...system }),
    writable: z
      .record(path, orFalse(quantity))
      .optional()
      .meta({
        description:
          "Paths that the process may write, with their largest size; everything else is read-only. `false` takes one away.",
        unset: "the system's alone",
        examples: [{ "/app/cache": "1Gi" }],
      }),
    files: z
      .record(path, fileSource)
      .optional()
      .meta({
        description: "Files to mount, by path.",
        unset: "none beside the system's",
        examples: [{ "/app/files": { folder: "systems/hermes/migrations" } }],
      }),
    ports: z
      .record(portName, port)
      .optional()
      .meta({
        description: "Ports that it listens on, by name.",
        unset: "the system's alone",
        examples: [{ admin: 9000 }],
      }),
    probes: z
      .strictObject({
        startup: probeOrOff
          .optional()
          .meta({ description: "Asked until it succeeds once; the other probes wait for it.", ...system }),
        readiness: probeOrOff
          .optional()
          .meta({ description: "Requests go to the pod as long as it succeeds.", ...system }),
        liveness: probeOrOff.optional().meta({ description: "The container is restarted when it fails.", ...system }),
      })
      .optional()
      .meta({
        description: "A handler replaces the system's; timings alone change its timings; `off` takes it away.",
        examples: [{ readiness: { periodSeconds: 20 } }],
        ...system,
      }),
    resources: z
      .strictObject({
        requests: someResources
          .optional()
          .meta({ description: "What a node must have free for it.", examples: [{ cpu: "300m" }], ...system }),
        limits: someResources
          .optional()
          .meta({ description: "What it gets at most.", examples: [{ memory: "768Mi" }], ...system }),
      })
      .optional()
      .meta({
        description: "Requests and limits; what is not said stays.",
        examples: [{ limits: { memory: "768Mi" } }],
        ...system,
      }),
    replicas: replicaCount
      .optional()
      .meta({ description: "A fixed count of pods, instead of autoscaling.", ...system }),
    autoscaling: orFalse(autoscaling)
      .optional()
      .meta({ description: "A range, instead of a fixed count; `false` for none.", ...system }),
    graceSeconds: someSeconds
      .optional()
      .meta({ description: "Seconds between the signal to stop and the kill.", ...system, examples: [45] }),
    preStopSeconds: seconds.optional().meta({
      description: "Waits so long before the signal, until nobody sends requests any more; 0 for not at all.",
      ...system,
    }),
    shareProcesses: z
      .boolean()
      .optional()
      .meta({ description: "The process is not number 1 of its pod, so that signals end it.", ...system }),
    connections: z
      .int()
      .min(0)
      .max(10_000)
      .optional()
      .meta({ description: "PostgreSQL connections that one pod opens at most.", ...system, examples: [30] }),
    running: running.optional().meta({
      description:
        "What the object of a running installation has, and Kubernetes lets nobody change: with it that object is updated in place.",
      unset: "nothing ran before",
      examples: [{ selector: { app: "database" } }],
    }),
    reaches: z
      .record(dnsLabel, orFalse(reach).describe("Where it may connect to."))
      .optional()
      .meta({
        description: "Destinations beside the system's own, by a name; `false` takes one away.",
        unset: "the system's alone",
        examples: [{ partner: { kind: "internet", ports: [8443] } }],
      }),
    reachedBy: z
      .record(dnsLabel, orFalse(visitor).describe("Who may connect to it."))
      .optional()
      .meta({
        description: "Who may connect beside the system's own, by a name; `false` takes one away.",
        unset: "the system's alone",
        examples: [{ partner: { kind: "pods", namespace: "partner" } }],
      }),
  })
  .meta({ id: "workload" });
export type WorkloadSetting = z.infer<typeof workloadSetting>;

/** The key `workloads` of a system: the slice by the name of each workload. */
export function workloadsSetting(names: readonly string[]) {
  return z
    .strictObject(Object.fromEntries(names.map((name) => [name, workloadSetting.optional()])))
    .prefault({})
    .describe("Each workload's own settings, by its name as `kubectl get` shows it.");
}
export type WorkloadSettings = Readonly<Record<string, WorkloadSetting | undefined>>;
