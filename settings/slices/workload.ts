/** The slice of settings that every workload takes: each Deployment, StatefulSet and task of every system, by its name. */
import { z } from "zod";
import { imagePattern } from "../../catalogue/image.ts";
import {
  cpu,
  dnsLabel,
  imageTag,
  labels,
  objectKey,
  objectName,
  port,
  quantity,
  replicaCount,
  variableName,
} from "./fields.ts";

const path = z
  .string()
  .regex(/^\/[^\0:]*[^\0:/]$/, "use an absolute path that does not end with a slash, such as /app/data");
/** Of users and groups; Linux has no larger one. */
const userId = z.int().min(1).max(2_147_483_647);
const seconds = z.int().min(0).max(3600);
const cidr = z.cidrv4("use a CIDR block, such as 10.116.0.0/20");

export const imageName = z
  .string()
  .regex(
    imagePattern,
    "use an image, such as registry.example.com/team/app:1.4.0, or its name in the system's registry",
  );

/** A port's name as Kubernetes takes it: a letter in it, no two dashes together. */
const portName = z
  .string()
  .max(15, "use at most 15 characters")
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "use lower-case letters, digits and single dashes, beginning with a letter");
const portReference = z.union([port, portName]);

const probe = z
  .strictObject({
    http: z
      .strictObject({
        path: z.string().startsWith("/", "begin the path with a slash").optional(),
        port: portReference.optional(),
        scheme: z.enum(["HTTP", "HTTPS"]).optional(),
      })
      .optional()
      .describe("A GET that must answer 200 to 399."),
    tcp: portReference.optional().describe("A port that must take connections."),
    exec: z.array(z.string()).min(1).optional().describe("A command that must end with 0."),
    initialDelaySeconds: seconds.optional(),
    periodSeconds: z.int().min(1).max(3600).optional(),
    timeoutSeconds: z.int().min(1).max(3600).optional(),
    successThreshold: z.int().min(1).max(100).optional(),
    failureThreshold: z.int().min(1).max(1000).optional(),
  })
  .refine(
    ({ http, tcp, exec }) => [http, tcp, exec].filter((one) => one !== undefined).length <= 1,
    "give one of http, tcp and exec",
  )
  .meta({ id: "probe" });
const probeOrOff = z.union([z.literal("off"), probe]);
export type ProbeSetting = z.infer<typeof probe>;

const fileSource = z
  .union([
    z.strictObject({ file: z.string().min(1).describe("A file of the project, text or binary, up to 1 MiB.") }),
    z.strictObject({ folder: z.string().min(1).describe("Every file of a folder of the project.") }),
    z.strictObject({ configMap: objectName, key: objectKey.optional() }),
    z.strictObject({ secret: objectName, key: objectKey.optional() }),
  ])
  .describe("With `key` (and for `file`) the path is a file, else a folder.");
export type FileSource = z.infer<typeof fileSource>;

const reach = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("internet"),
    addresses: z.array(cidr).min(1).optional(),
    ports: z.array(port).min(1),
  }),
  z.strictObject({ kind: z.literal("private"), addresses: z.array(cidr).min(1), ports: z.array(port).min(1) }),
  z.strictObject({
    kind: z.literal("pods"),
    namespace: dnsLabel.optional().describe("Default: the system's own"),
    labels: labels.optional().describe("Default: every pod of the namespace"),
    ports: z.array(port).min(1),
  }),
]);
export type Reach = z.infer<typeof reach>;

const visitor = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("pods"),
    namespace: dnsLabel.optional().describe("Default: the system's own"),
    labels: labels.optional().describe("Default: every pod of the namespace"),
  }),
  z.strictObject({ kind: z.literal("addresses"), addresses: z.array(cidr).min(1) }),
]);
export type Visitor = z.infer<typeof visitor>;

const percent = z.int().min(1).max(100);
const autoscaling = z.strictObject({
  min: z.int().min(1).max(1000).optional(),
  max: z.int().min(1).max(1000).optional(),
  cpuPercent: percent.optional().describe("Average use of the requested CPU."),
  memoryPercent: z
    .union([z.literal(false), percent])
    .optional()
    .describe("Average use of the requested memory; `false` to scale without it."),
  podMetrics: z
    .record(
      z.string().regex(/^[^/%.][^/%]{0,252}$/, "use a metric's name, such as http_requests_per_second"),
      z.string().regex(/^[1-9][0-9]*m?$/, 'use a quantity in quotes, such as "1000"'),
    )
    .optional()
    .describe("Average of a metric of the pods' own, by its name; needs the add-on `prometheusAdapter`."),
});

const orFalse = <Schema extends z.ZodType>(schema: Schema) => z.union([z.literal(false), schema]);
const someResources = z.strictObject({ cpu: cpu.optional(), memory: quantity.optional() });

/** What a stack may say of one workload; what it does not say stays as the system has it. */
const workloadSetting = z
  .strictObject({
    image: imageName.optional().describe("A whole name (with a slash), or a name in the system's registry."),
    tag: imageTag.optional().describe("Default: the system's shared tag, or the pinned one"),
    command: z.array(z.string()).min(1).optional().describe("Instead of the image's entry point."),
    args: z.array(z.string()).optional(),
    env: z
      .record(
        variableName,
        z.union([
          z.string("put it in quotes: variables are texts"),
          z.strictObject({ secret: objectName, key: objectKey }),
        ]),
      )
      .optional()
      .describe("Variables: texts, or keys of existing Secrets. They win over the system's own."),
    envFrom: z.array(objectName).optional().describe("Existing Secrets whose every key becomes a variable."),
    user: z
      .strictObject({ uid: userId, gid: userId })
      .optional()
      .describe("Numeric ids; files of volumes belong to the group."),
    writable: z
      .record(path, orFalse(quantity))
      .optional()
      .describe(
        "Paths that the process may write, with their largest size; everything else is read-only. `false` takes one away.",
      ),
    files: z.record(path, fileSource).optional().describe("Files to mount, by path."),
    ports: z.record(portName, port).optional().describe("Ports that it listens on, by name."),
    probes: z
      .strictObject({
        startup: probeOrOff.optional(),
        readiness: probeOrOff.optional(),
        liveness: probeOrOff.optional(),
      })
      .optional()
      .describe("A handler replaces the system's; timings alone change its timings; `off` takes it away."),
    resources: z
      .strictObject({ requests: someResources.optional(), limits: someResources.optional() })
      .optional()
      .describe("Requests and limits; what is not said stays."),
    replicas: replicaCount.optional().describe("A fixed count, instead of autoscaling."),
    autoscaling: orFalse(autoscaling).optional().describe("A range, instead of a fixed count; `false` for none."),
    graceSeconds: z.int().min(1).max(3600).optional().describe("Between the signal to stop and the kill."),
    preStopSeconds: seconds
      .optional()
      .describe("Waits so long before the signal, until nobody sends requests any more; 0 for not at all."),
    shareProcesses: z.boolean().optional().describe("The process is not number 1 of its pod, so that signals end it."),
    connections: z.int().min(0).max(10_000).optional().describe("PostgreSQL connections that one pod opens at most."),
    reaches: z
      .record(dnsLabel, orFalse(reach))
      .optional()
      .describe("Destinations beside the system's own, by a name; `false` takes one away."),
    reachedBy: z.record(dnsLabel, visitor).optional().describe("Who may connect beside the system's own, by a name."),
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
