/** A stack as rules see it: from the offline preview or from the engine. */
import type { PodSpec } from "./pod-security.ts";

/** A resource as rules see it. */
export interface PolicyResource {
  readonly urn: string;
  /** Pulumi type token: `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  readonly name: string;
  /** In the offline preview secret values are masked; the engine hands them to policies in the clear. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Inputs that the engine's preview does not know yet; they are left out of `inputs`. */
  readonly unknown?: readonly string[];
  /** URNs. */
  readonly dependsOn: readonly string[];
  readonly protect: boolean;
  /** Undefined under the engine, which does not tell. */
  readonly retainOnDelete: boolean | undefined;
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>;
    readonly limits?: Readonly<Record<string, string>>;
  };
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

/** The pods of one owner. */
export interface Pods {
  readonly owner: PolicyResource;
  readonly namespace: string;
  readonly labels: Labels;
  /** The fewest that there may be. */
  readonly replicas: number;
  readonly spec: PodSpec & {
    readonly containers?: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly nodeSelector?: Readonly<Record<string, string>>;
  };
}

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}
export type Labels = Readonly<Record<string, string>>;

/** Whether a label selector selects; one without conditions selects everything. */
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

/** The last part of a type token: `Deployment`. */
export function kindOf({ type }: Pick<PolicyResource, "type">): string {
  return type.split(":").at(-1) ?? type;
}

export function metadataOf({ inputs }: Pick<PolicyResource, "inputs">): Metadata | undefined {
  return inputs["metadata"] as Metadata | undefined;
}

/** What people call it: `bow-mark/server-deployment` for an object in the cluster, its own name at a cloud, else Pulumi's. */
export function nameOf(resource: Pick<PolicyResource, "name" | "inputs">): string {
  const metadata = metadataOf(resource);
  if (metadata !== undefined)
    return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
  const own = resource.inputs["name"];
  return typeof own === "string" ? own : resource.name;
}

/** `Deployment bow-mark/server-deployment`: how findings and waivers name it. */
export function label(resource: PolicyResource): string {
  return `${kindOf(resource)} ${nameOf(resource)}`;
}

/** Whether a Pulumi type token is Kubernetes'. */
export function inCluster({ type }: Pick<PolicyResource, "type">): boolean {
  return type.startsWith("kubernetes:") && !type.startsWith("kubernetes:helm.sh/");
}

export class PolicyStack {
  readonly resources: readonly PolicyResource[];
  /** What the platform says it is; undefined without one. */
  readonly environment: string | undefined;
  /** Whether the cluster is DigitalOcean's, made here or by another stack. */
  readonly onDigitalOcean: boolean;
  readonly #byKind: ReadonlyMap<string, readonly PolicyResource[]>;

  constructor(resources: readonly PolicyResource[]) {
    this.resources = resources.filter(({ type }) => !type.startsWith("doks-systems:"));
    const platform = resources.find(({ type }) => type === "doks-systems:platform:Platform");
    this.environment = platform?.inputs["environment"] as string | undefined;
    this.onDigitalOcean = onDigitalOcean(resources);
    this.#byKind = Map.groupBy(this.resources, kindOf);
  }

  get production(): boolean {
    return this.environment === "production";
  }

  of(...kinds: readonly string[]): PolicyResource[] {
    return kinds.flatMap((kind) => this.#byKind.get(kind) ?? []);
  }

  /** Every pod template. */
  pods(): Pods[] {
    const owners = this.of("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicaSet", "Pod");
    return owners.map((owner) => {
      const spec = owner.inputs["spec"] as WorkloadSpec;
      const template = templateOf(owner, spec);
      return {
        owner,
        namespace: metadataOf(owner)?.namespace ?? "default",
        labels: template.metadata?.labels ?? {},
        replicas: this.#fewest(owner, spec.replicas ?? 1),
        spec: template.spec,
      };
    });
  }

  #fewest(owner: PolicyResource, fixed: number): number {
    const { name, namespace } = metadataOf(owner) ?? {};
    const scaler = this.of("HorizontalPodAutoscaler").find((one) => {
      const { scaleTargetRef } = one.inputs["spec"] as { scaleTargetRef: { kind: string; name: string } };
      return (
        metadataOf(one)?.namespace === namespace &&
        scaleTargetRef.name === name &&
        scaleTargetRef.kind === kindOf(owner)
      );
    });
    return scaler === undefined ? fixed : ((scaler.inputs["spec"] as { minReplicas?: number }).minReplicas ?? 1);
  }
}

interface WorkloadSpec {
  readonly replicas?: number;
  readonly template?: Template;
  readonly jobTemplate?: { readonly spec: WorkloadSpec };
}
interface Template {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec: Pods["spec"];
}

function templateOf(owner: PolicyResource, spec: WorkloadSpec): Template {
  if (kindOf(owner) === "Pod") return { metadata: metadataOf(owner) ?? {}, spec: spec as Pods["spec"] };
  return (spec.jobTemplate?.spec ?? spec).template ?? { spec: {} };
}

/** Whether the cluster is DigitalOcean's, made here or by another stack. */
export function onDigitalOcean(resources: readonly Pick<PolicyResource, "type">[]): boolean {
  return resources.some(
    (one) => kindOf(one) === "KubernetesCluster" || one.type === "doks-systems:cluster:StackCluster",
  );
}

/** Containers of all sorts. */
export function containersOf({ spec }: Pods): Container[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
}
