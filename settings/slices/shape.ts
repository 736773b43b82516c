/** What a workload is in the end: the system's own words, with a stack's settings over them. Pure. */
import type { Resources } from "./fields.ts";
import type { FileSource, ProbeSetting, Reach, Visitor, WorkloadSetting } from "./workload.ts";

/** A handler and its timings, as the system or a stack says it. */
export type Probes = Readonly<Partial<Record<"startup" | "readiness" | "liveness", ProbeSetting>>>;

export interface AutoscalingRange {
  readonly min: number;
  readonly max: number;
  readonly cpuPercent: number;
  readonly memoryPercent: number | false;
  readonly podMetrics?: Readonly<Record<string, string>> | undefined;
  /** Pods of a stack that does not scale. @default `min` */
  readonly fixed?: number;
}

/** A workload as its system has it, and then as a stack shapes it. */
export interface Shape {
  readonly kind: "deployment" | "data" | "task";
  /** Why there is never more than one pod; absent where there may be. */
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
  /** Paths where the program mounts files and claims. */
  readonly mounts: readonly string[];
  /** Variables that the program takes from Secrets. */
  readonly secretEnv: readonly string[];
  readonly ports: Readonly<Record<string, number>>;
  readonly probes: Probes;
  readonly resources: Resources;
  readonly replicas: number | AutoscalingRange;
  readonly graceSeconds: number;
  readonly preStopSeconds: number;
  readonly shareProcesses: boolean;
  readonly connections: number;
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

/** What a system says of a workload; what it leaves out is empty. */
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

/** The range of a workload that scales only when a stack says so. */
const usualRange: AutoscalingRange = { min: 2, max: 10, cpuPercent: 70, memoryPercent: 80 };

/** A system's workloads by name, with a stack's words over them. Pure. */
export function shape(
  defaults: Readonly<Record<string, ShapeDefaults>>,
  settings: Readonly<Record<string, WorkloadSetting | undefined>>,
): Record<string, Shape> {
  return Object.fromEntries(
    Object.entries(defaults).map(([name, one]) => [name, shaped({ ...emptyShape, ...one }, settings[name] ?? {})]),
  );
}

function shaped(base: Shape, setting: WorkloadSetting): Shape {
  const { writable, probes, resources: size, replicas, autoscaling: range, reaches, ...plain } = setting;
  return {
    ...base,
    ...withoutUndefined(plain),
    env: { ...base.env, ...setting.env },
    envFrom: [...base.envFrom, ...(setting.envFrom ?? [])],
    files: { ...base.files, ...setting.files },
    ports: { ...base.ports, ...setting.ports },
    reachedBy: { ...base.reachedBy, ...setting.reachedBy },
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

/** Pods that a workload has at most. */
export function mostPods({ replicas }: Shape): number {
  return typeof replicas === "number" ? replicas : replicas.max;
}

/** Connections to the system's PostgreSQL that its pods may hold at once, all together. */
export function wantedConnections(shapes: Readonly<Record<string, Shape>>): number {
  return Object.values(shapes).reduce((sum, one) => sum + mostPods(one) * one.connections, 0);
}
