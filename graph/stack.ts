/** Selects resources of a stack: by URN, by kind, by system, or those with pods. Pure. */
import { podsOf, type Labels, type Pods } from "./pods.ts";
import { isMade, kindOf, metadataOf, type Resource } from "./resource.ts";

/** Resources by their URN. */
export type ByUrn = ReadonlyMap<string, Resource>;

/** Maps resources by their URN. */
export function byUrn(resources: readonly Resource[]): ByUrn {
  return new Map(resources.map((resource) => [resource.urn, resource]));
}

/** The top-level component that a resource belongs to: the platform, a system. */
export function topOf(resource: Resource, all: ByUrn): Resource {
  const parent = all.get(resource.parent ?? "");
  return parent === undefined || parent.type === "pulumi:pulumi:Stack" ? resource : topOf(parent, all);
}

/** Name of the top-level component that a resource belongs to: `platform`, `gx`. */
export function systemOf(resource: Resource, all: ByUrn): string {
  return topOf(resource, all).name;
}

/**
 * How far the system of a resource is taken away, as `retired` of its settings says: `retired`, `dumping`, `given-up`; undefined
 * while it runs.
 */
export function retirementOf(resource: Resource, all: ByUrn): string | undefined {
  return topOf(resource, all).inputs["retired"] as string | undefined;
}

const component = "doks-systems:cluster";

/** Whether the cluster is DOKS, made by this stack or by another one, or found in the account. */
export function onDigitalOcean(resources: readonly Pick<Resource, "type">[]): boolean {
  const types = [`${component}:StackCluster`, `${component}:ExistingDoksCluster`];
  return resources.some((one) => kindOf(one) === "KubernetesCluster" || types.includes(one.type));
}

/** The DOKS cluster that a stack uses and has not made itself, with the settings of the pools that it had before. */
export interface GivenCluster {
  readonly urn: string;
  /** Whose it is: `cluster k8s-prod`, `the cluster of stack acme/doks-systems/platform`. */
  readonly what: string;
  /** Pools that this stack may use, as far as the settings know them; undefined for another stack's cluster, whose pools are its own. */
  readonly pools: Readonly<Record<string, { size?: string; min?: number; max?: number }>> | undefined;
}

/** The cluster that a stack uses and has not made; undefined if it makes its own, or knows a kubeconfig only. */
export function givenCluster(resources: readonly Resource[]): GivenCluster | undefined {
  for (const { type, urn, inputs } of resources) {
    if (type === `${component}:StackCluster`)
      return { urn, what: `the cluster of stack ${String(inputs["stack"])}`, pools: undefined };
    if (type === `${component}:ExistingDoksCluster`)
      return { urn, what: `cluster ${String(inputs["cluster"])}`, pools: inputs["pools"] as GivenCluster["pools"] };
  }
  return undefined;
}

/** Labels of a system's own pods in a namespace that it adopted, which has pods of others too; by the namespace's name. */
export type Adopted = ReadonlyMap<string, Labels>;

/** The namespaces that a stack adopts. */
export function adoptedBy(resources: readonly Resource[]): Adopted {
  const all = resources.filter(({ type, inputs }) => type === "doks-systems:workload:Namespace" && "adopts" in inputs);
  return new Map(all.map(({ inputs }) => [String(inputs["adopts"]), (inputs["ownLabels"] ?? {}) as Labels]));
}

/** A stack as policy rules see it. */
export class Stack {
  /** The resources that providers make; components are left out. */
  readonly resources: readonly Resource[];
  /** `platform.environment` in the settings, such as `production`; undefined if there is no platform among the resources. */
  readonly environment: string | undefined;
  /** Whether the cluster is DOKS, whoever made it. */
  readonly onDigitalOcean: boolean;
  readonly adopted: Adopted;
  /** Types of the systems whose data is given up, with which the types in their resources' URNs begin. */
  readonly #givenUp: readonly string[];
  readonly #byKind: ReadonlyMap<string, readonly Resource[]>;
  readonly #byNamespace = new Map<string, ReadonlyMap<string, readonly Resource[]>>();
  #pods: readonly Pods[] | undefined;

  constructor(resources: readonly Resource[]) {
    this.resources = resources.filter(isMade);
    const platform = resources.find(({ type }) => type === "doks-systems:platform:Platform");
    this.environment = platform?.inputs["environment"] as string | undefined;
    this.onDigitalOcean = onDigitalOcean(resources);
    this.adopted = adoptedBy(resources);
    this.#givenUp = resources.filter(({ inputs }) => inputs["retired"] === "given-up").map(({ type }) => type);
    this.#byKind = Map.groupBy(this.resources, kindOf);
  }

  get production(): boolean {
    return this.environment === "production";
  }

  /** Whether the settings give up the data of the resource's system. Asked of the URN: the engine tells policies no parents. */
  isGivenUp({ urn }: Pick<Resource, "urn">): boolean {
    const types = urn.split("::")[2] ?? "";
    return this.#givenUp.some((type) => types === type || types.startsWith(`${type}$`));
  }

  /** Resources of some kinds: `of("Deployment", "StatefulSet")`. */
  of(...kinds: readonly string[]): Resource[] {
    return kinds.flatMap((kind) => this.#byKind.get(kind) ?? []);
  }

  /** Kubernetes objects of a kind in a namespace; rules that ask for each pod go through these alone, not through all of the stack. */
  in(namespace: string, kind: string): readonly Resource[] {
    const known = this.#byNamespace.get(kind);
    const grouped = known ?? Map.groupBy(this.of(kind), (one) => metadataOf(one)?.namespace ?? "default");
    if (known === undefined) this.#byNamespace.set(kind, grouped);
    return grouped.get(namespace) ?? [];
  }

  /** The pods of every Deployment, StatefulSet, Job and so on. */
  get pods(): readonly Pods[] {
    return (this.#pods ??= podsOf(this.resources));
  }
}
