/**
 * The pods of a stack: what each Deployment, StatefulSet or Job runs and how often, and which pods a selector selects.
 * Pure.
 */
import { kindOf, metadataOf, type Resource } from "./resource.ts";

export type Labels = Readonly<Record<string, string>>;

export interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

export interface SecurityContext {
  readonly privileged?: boolean;
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly allowPrivilegeEscalation?: boolean;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  readonly seccompProfile?: { readonly type?: string };
  readonly procMount?: string;
  readonly seLinuxOptions?: { readonly type?: string; readonly user?: string; readonly role?: string };
  readonly sysctls?: readonly { readonly name: string }[];
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  /** Only for init containers: `Always` makes it a sidecar, which runs beside the others. */
  readonly restartPolicy?: string;
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>;
    readonly limits?: Readonly<Record<string, string>>;
  };
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort?: number; readonly hostPort?: number }[];
  readonly securityContext?: SecurityContext;
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly lifecycle?: { readonly preStop?: { readonly sleep?: { readonly seconds: number } } };
}

/** When a probe is asked, in seconds. */
export interface Probe {
  /** @default 0 */
  readonly initialDelaySeconds?: number;
  /** @default 10 */
  readonly periodSeconds?: number;
}

/** A rule on how evenly pods are spread, or how far apart they must be, with the fields that are read. */
export interface Placement {
  /** Label of nodes: those with the same value count as one place. */
  readonly topologyKey: string;
  /** Which pods of the namespace it counts. */
  readonly labelSelector?: Selector;
}

/** A topology spread constraint, with the fields that are read. */
interface TopologySpread extends Placement {
  readonly maxSkew: number;
  readonly minDomains?: number;
  /** `DoNotSchedule` insists; `ScheduleAnyway` only prefers. */
  readonly whenUnsatisfiable: string;
}

export interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly ephemeralContainers?: readonly Container[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
  /** Seconds between the signal to stop and the kill. @default 30 */
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext?: SecurityContext;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly priorityClassName?: string;
  readonly topologySpreadConstraints?: readonly TopologySpread[];
  readonly affinity?: {
    readonly podAntiAffinity?: { readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly Placement[] };
  };
}

/**
 * `spec` of a Deployment, StatefulSet, DaemonSet or Job, with the fields that are read; of a CronJob, the `spec` of its
 * Jobs.
 */
export interface WorkloadSpec {
  readonly replicas?: number;
  readonly parallelism?: number;
  /** Whether a change of a Deployment's template waits until somebody resumes it. */
  readonly paused?: boolean;
  readonly minReadySeconds?: number;
  /** How a Deployment replaces its pods. */
  readonly strategy?: {
    readonly type?: string;
    readonly rollingUpdate?: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string };
  };
  /** How a StatefulSet replaces its pods. */
  readonly updateStrategy?: {
    readonly type?: string;
    readonly rollingUpdate?: { readonly partition?: number };
  };
  readonly podManagementPolicy?: string;
  readonly volumeClaimTemplates?: readonly unknown[];
  readonly template?: { readonly metadata?: { readonly labels?: Labels }; readonly spec: PodSpec };
}

/** The pods of one owner, such as a Deployment. */
export interface Pods {
  readonly owner: Resource;
  readonly namespace: string;
  /** Labels of the pods, by which selectors find them. */
  readonly labels: Labels;
  /** Number of pods: minimum and maximum of the autoscaler, or the fixed count as both. */
  readonly replicas: { readonly min: number; readonly max: number };
  readonly workload: WorkloadSpec;
  readonly spec: PodSpec;
}

const owners = new Set(["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicaSet", "Pod"]);

/** The pods of every owner in a stack, in the order of the resources. Pods of Helm charts are not known here. */
export function podsOf(resources: readonly Resource[]): Pods[] {
  const scalers = autoscalers(resources);
  return resources
    .filter((one) => owners.has(kindOf(one)))
    .map((owner) => {
      const workload = workloadOf(owner);
      const { name = "", namespace = "default" } = metadataOf(owner) ?? {};
      const fixed = (isTask(owner) ? workload.parallelism : workload.replicas) ?? 1;
      return {
        ...{ owner, namespace, workload, labels: workload.template?.metadata?.labels ?? {} },
        replicas: scalers.get(`${kindOf(owner)} ${namespace}/${name}`) ?? { min: fixed, max: fixed },
        spec: workload.template?.spec ?? {},
      };
    });
}

/** Whether an owner's pods run to completion: a Job or a CronJob. */
export function isTask(owner: Resource): boolean {
  return ["Job", "CronJob"].includes(kindOf(owner));
}

function workloadOf(owner: Resource): WorkloadSpec {
  const spec = owner.inputs["spec"] as WorkloadSpec & { readonly jobTemplate?: { readonly spec: WorkloadSpec } };
  if (kindOf(owner) === "Pod") return { template: { metadata: metadataOf(owner) ?? {}, spec: spec as PodSpec } };
  return spec.jobTemplate?.spec ?? spec;
}

interface AutoscalerSpec {
  readonly minReplicas?: number;
  readonly maxReplicas: number;
  readonly scaleTargetRef: { readonly kind: string; readonly name: string };
}

function autoscalers(resources: readonly Resource[]): Map<string, Pods["replicas"]> {
  const all = resources.filter((one) => kindOf(one) === "HorizontalPodAutoscaler");
  return new Map(
    all.map((one) => {
      const { minReplicas: min = 1, maxReplicas: max, scaleTargetRef: to } = one.inputs["spec"] as AutoscalerSpec;
      return [`${to.kind} ${metadataOf(one)?.namespace ?? "default"}/${to.name}`, { min, max }];
    }),
  );
}

/** Init containers, then containers. */
export function containersOf({ spec }: Pick<Pods, "spec">): Container[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
}

/** Whether a label selector selects pods with these labels. A selector without conditions selects every pod. */
export function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  const holds = {
    In: (value: string | undefined, values: readonly string[]) => value !== undefined && values.includes(value),
    NotIn: (value: string | undefined, values: readonly string[]) => value === undefined || !values.includes(value),
    Exists: (value: string | undefined) => value !== undefined,
    DoesNotExist: (value: string | undefined) => value === undefined,
  };
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) =>
      holds[operator as keyof typeof holds](labels[key], values),
    )
  );
}

/** A port of a Service, as far as it leads to a container. */
export interface ServedPort {
  readonly port: number;
  readonly targetPort?: number | string;
}

/** The port of the container that a port of a Service leads to; undefined if its name says nothing here. */
export function targetPort(
  { spec }: Pick<Pods, "spec">,
  { port, targetPort: target = port }: ServedPort,
): number | undefined {
  if (typeof target === "number") return target;
  return (spec.containers ?? []).flatMap(({ ports = [] }) => ports).find(({ name }) => name === target)?.containerPort;
}
