/** A stack's resources, selected: by kind, by owner of pods, by system. Pure. */
import { podsOf, type Pods } from "./pods.ts";
import { isMade, kindOf, type Resource } from "./resource.ts";

/** What the parts of a stack are looked up in. */
export type ByUrn = ReadonlyMap<string, Resource>;

export function byUrn(resources: readonly Resource[]): ByUrn {
  return new Map(resources.map((resource) => [resource.urn, resource]));
}

/** Name of the component right below the stack that a resource belongs to: `platform`, `gx`. */
export function systemOf(resource: Resource, all: ByUrn): string {
  const parent = all.get(resource.parent ?? "");
  return parent === undefined || parent.type === "pulumi:pulumi:Stack" ? resource.name : systemOf(parent, all);
}

/** Whether the cluster is DigitalOcean's, made here or by another stack. */
export function onDigitalOcean(resources: readonly Pick<Resource, "type">[]): boolean {
  return resources.some(
    (one) => kindOf(one) === "KubernetesCluster" || one.type === "doks-systems:cluster:StackCluster",
  );
}

/** What rules look at: the resources that providers make, and what the platform says it is. */
export class Stack {
  readonly resources: readonly Resource[];
  /** What the platform says it is; undefined without one. */
  readonly environment: string | undefined;
  /** Whether the cluster is DigitalOcean's, made here or by another stack. */
  readonly onDigitalOcean: boolean;
  readonly #byKind: ReadonlyMap<string, readonly Resource[]>;
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

  /** Every pod template. */
  get pods(): readonly Pods[] {
    return (this.#pods ??= podsOf(this.resources));
  }
}
