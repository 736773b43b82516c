/** Shapes: what a workload is, as data. The system defines it, and the stack's `workloads.<name>` change it. Pure. */
import type { Resources } from "./fields.ts";
import { settingsName } from "../../catalogue/names.ts";
import type { Running } from "./running.ts";
import type { FileSource, ProbeSetting, Reach, Visitor, WorkloadSetting } from "./workload.ts";

/** Probes by their kind, each with a handler and its timings. */
export type Probes = Readonly<Partial<Record<"startup" | "readiness" | "liveness", ProbeSetting>>>;

/** Number of replicas that an autoscaler chooses, and what it aims at. */
export interface AutoscalingRange {
  readonly min: number;
  readonly max: number;
  /** Average use of the requested CPU, in percent. */
  readonly cpuPercent: number;
  /** Average use of the requested memory, in percent; `false` to ignore memory. */
  readonly memoryPercent: number | false;
  /** Average of metrics that the pods export, as Kubernetes quantities by the name of the metric. */
  readonly podMetrics?: Readonly<Record<string, string>> | undefined;
  /** Number of replicas if the stack switches the autoscaler off. @default - `min` */
  readonly fixed?: number;
  /** Number of pods that every update of the Deployment sets, whatever the autoscaler chose. @default - the autoscaler's alone */
  readonly startsWith?: number;
}

/** A workload as data, first as its system defines it, then with the stack's settings applied. */
export interface Shape {
  readonly kind: "deployment" | "data" | "task";
  /** Why there must never be more than one pod; undefined if there may be several. */
  readonly single?: string;
  /** Name of the node pool. */
  readonly pool: string;
  readonly image?: string | undefined;
  readonly tag?: string | undefined;
  readonly command?: readonly string[] | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env: NonNullable<WorkloadSetting["env"]>;
  readonly envFrom: readonly string[];
  readonly user: { readonly uid: number; readonly gid: number };
  readonly writable: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, FileSource>>;
  /** Paths at which the program mounts volumes; the stack's `writable` and `files` must not cover them. */
  readonly mounts: readonly string[];
  /** Variables that the program takes from Secrets; the stack's `env` must not set them as plain text. */
  readonly secretEnv: readonly string[];
  readonly ports: Readonly<Record<string, number>>;
  readonly probes: Probes;
  readonly resources: Resources;
  readonly replicas: number | AutoscalingRange;
  readonly graceSeconds: number;
  readonly preStopSeconds: number;
  readonly shareProcesses: boolean;
  readonly connections: number;
  /** What the object of a running installation has that cannot be changed; undefined where nothing ran before. */
  readonly running?: Running | undefined;
  readonly reaches: Readonly<Record<string, Reach>>;
  readonly reachedBy: Readonly<Record<string, Visitor>>;
}

type Optional =
  | "env"
  | "envFrom"
  | "writable"
  | "files"
  | "mounts"
  | "secretEnv"
  | "ports"
  | "probes"
  | "replicas"
  | "preStopSeconds"
  | "shareProcesses"
  | "connections"
  | "reaches"
  | "reachedBy";

/** A shape as a system defines it; fields that it leaves out get the values of `emptyShape`. */
export type ShapeDefaults = Omit<Shape, Optional> & Partial<Pick<Shape, Optional>>;

/** Values of the fields that a system may leave out. */
const emptyShape: Pick<Shape, Optional> = {
  env: {},
  envFrom: [],
  writable: {},
  files: {},
  mounts: [],
  secretEnv: [],
  ports: {},
  probes: {},
  replicas: 1,
  preStopSeconds: 0,
  shareProcesses: false,
  connections: 0,
  reaches: {},
  reachedBy: {},
};

/** Range of a workload without one, if the stack switches on an autoscaler without saying all of it. */
const usualRange: AutoscalingRange = { min: 2, max: 10, cpuPercent: 70, memoryPercent: 80 };

/** Applies the stack's settings to the workloads of a system. Pure. */
export function shape(
  defaults: Readonly<Record<string, ShapeDefaults>>,
  settings: Readonly<Record<string, WorkloadSetting | undefined>>,
): Record<string, Shape> {
  return Object.fromEntries(
    Object.entries(defaults).map(([name, one]) => [
      name,
      shaped({ ...emptyShape, ...one }, settings[settingsName(name)] ?? {}),
    ]),
  );
}

function shaped(base: Shape, setting: WorkloadSetting): Shape {
  const { writable, probes, resources: size, replicas, autoscaling: range, reaches, reachedBy, ...plain } = setting;
  return {
    ...base,
    ...withoutUndefined(plain),
    env: { ...base.env, ...setting.env },
    envFrom: [...base.envFrom, ...(setting.envFrom ?? [])],
    files: { ...base.files, ...setting.files },
    mounts: [...base.mounts, ...(setting.running?.claims ?? []).flatMap(({ mounts }) => Object.keys(mounts))],
    ports: { ...base.ports, ...setting.ports },
    reachedBy: withoutFalse<Visitor>({ ...base.reachedBy, ...reachedBy }),
    writable: withoutFalse<string>({ ...base.writable, ...writable }),
    reaches: withoutFalse<Reach>({ ...base.reaches, ...reaches }),
    probes: mergeProbes(base.probes, probes ?? {}),
    resources: {
      requests: { ...base.resources.requests, ...withoutUndefined(size?.requests ?? {}) },
      limits: { ...base.resources.limits, ...withoutUndefined(size?.limits ?? {}) },
    },
    replicas: replicasOf(base.replicas, replicas, range),
  };
}

function replicasOf(
  base: Shape["replicas"],
  replicas: number | undefined,
  range: WorkloadSetting["autoscaling"],
): Shape["replicas"] {
  if (replicas !== undefined) return replicas;
  if (range === undefined) return base;
  if (range === false) return typeof base === "number" ? base : (base.fixed ?? base.min);
  return { ...(typeof base === "number" ? usualRange : base), ...withoutUndefined(range) };
}

function mergeProbes(base: Probes, over: NonNullable<WorkloadSetting["probes"]>): Probes {
  const all = (["startup", "readiness", "liveness"] as const).flatMap((kind) => {
    const [old, now] = [base[kind], over[kind]];
    if (now === "off" || (now === undefined && old === undefined)) return [];
    if (old === undefined || now === undefined) return [[kind, now ?? old]];
    return [[kind, mergeProbe(old, now)]];
  });
  return Object.fromEntries(all) as Probes;
}

function mergeProbe(old: ProbeSetting, now: ProbeSetting): ProbeSetting {
  const { http, tcp, exec, ...timings } = old;
  const said = withoutUndefined(now);
  if (now.tcp !== undefined || now.exec !== undefined) return { ...timings, ...said };
  if (now.http !== undefined) return { ...timings, ...said, http: { ...http, ...withoutUndefined(now.http) } };
  return { ...withoutUndefined({ http, tcp, exec }), ...timings, ...said };
}

function withoutFalse<Value>(values: Readonly<Record<string, Value | false>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, Value] => entry[1] !== false));
}

type Defined<Values> = { [Key in keyof Values]: Exclude<Values[Key], undefined> };

function withoutUndefined<Values extends object>(values: Values): Defined<Values> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<Values>;
}

/** Largest number of pods that a workload can have. */
export function mostPods({ replicas }: Shape): number {
  return typeof replicas === "number" ? replicas : replicas.max;
}

/** Connections to the system's PostgreSQL that all of its pods may open together, at the largest number of pods. */
export function wantedConnections(shapes: Readonly<Record<string, Shape>>): number {
  return Object.values(shapes).reduce((sum, one) => sum + mostPods(one) * one.connections, 0);
}
