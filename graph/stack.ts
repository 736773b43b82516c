/** Selects resources of a stack: by URN, by kind, by system, or those with pods. Pure. */
import { podsOf, type Pods } from "./pods.ts";
import { isMade, kindOf, metadataOf, type Resource } from "./resource.ts";

/** Resources by their URN. */
export type ByUrn = ReadonlyMap<string, Resource>;

/** Maps resources by their URN. */
export function byUrn(resources: readonly Resource[]): ByUrn {
  return new Map(resources.map((resource) => [resource.urn, resource]));
}

/** Name of the top-level component that a resource belongs to: `platform`, `gx`. */
export function systemOf(resource: Resource, all: ByUrn): string {
  const parent = all.get(resource.parent ?? "");
  return parent === undefined || parent.type === "pulumi:pulumi:Stack" ? resource.name : systemOf(parent, all);
}

/** Whether the cluster is DOKS, made by this stack or by another one. */
export function onDigitalOcean(resources: readonly Pick<Resource, "type">[]): boolean {
  return resources.some(
    (one) => kindOf(one) === "KubernetesCluster" || one.type === "doks-systems:cluster:StackCluster",
  );
}

/** A stack as policy rules see it. */
export class Stack {
  /** The resources that providers make; components are left out. */
  readonly resources: readonly Resource[];
  /** `platform.environment` in the settings, such as `production`; undefined if there is no platform among the resources. */
  readonly environment: string | undefined;
  /** Whether the cluster is DOKS, made by this stack or by another one. */
  readonly onDigitalOcean: boolean;
  readonly #byKind: ReadonlyMap<string, readonly Resource[]>;
  readonly #byNamespace = new Map<string, ReadonlyMap<string, readonly Resource[]>>();
  #pods: readonly Pods[] | undefined;

  constructor(resources: readonly Resource[]) {
    this.resources = resources.filter(isMade);
    const platform = resources.find(({ type }) => type === "doks-systems:platform:Platform");
    this.environment = platform?.inputs["environment"] as string | undefined;
    this.onDigitalOcean = onDigitalOcean(resources);
    this.#byKind = Map.groupBy(this.resources, kindOf);
  }

  get production(): boolean {
    return this.environment === "production";
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
