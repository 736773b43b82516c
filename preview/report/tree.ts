/** What reports show of a stack's resources: the tree of components, and numbers of resources by kind. Pure. */
import { kindOf, providerOf, type Resource } from "../../graph/resource.ts";

/** How a resource is guarded against deletion: `protected`, `kept when removed`. */
export function marks({ protect, retainOnDelete }: Resource): string[] {
  return [...(protect ? ["protected"] : []), ...(retainOnDelete === true ? ["kept when removed"] : [])];
}

/** A resource with its children. */
export interface TreeNode {
  readonly resource: Resource;
  readonly children: readonly TreeNode[];
}

/** The resources below the stack, components first; without components that have nothing in them, as of a retired system. */
export function tree(resources: readonly Resource[]): TreeNode[] {
  const byParent = Map.groupBy(resources, (resource) => resource.parent ?? "");
  const nodes = (parent: string): TreeNode[] =>
    (byParent.get(parent) ?? [])
      .filter((resource) => resource.urn !== parent)
      .map((resource) => ({ resource, children: nodes(resource.urn) }))
      .filter(({ resource, children }) => resource.custom || children.length > 0)
      .toSorted((a, b) => Number(a.resource.custom) - Number(b.resource.custom));
  return nodes("").flatMap((stack) => stack.children);
}

/** Number of resources of one kind. */
export interface Total {
  readonly kind: string;
  readonly provider: string;
  readonly count: number;
}

/** Numbers of resources that `pulumi up` would create, by provider and kind. Components are not counted. */
export function totals(resources: readonly Resource[]): Total[] {
  const made = resources.filter((resource) => resource.custom && !resource.type.startsWith("pulumi:"));
  const groups = Map.groupBy(made, (resource) => `${providerOf(resource)} ${kindOf(resource)}`);
  return [...groups]
    .map(([key, { length: count }]) => ({ provider: key.split(" ")[0] ?? "", kind: key.split(" ")[1] ?? "", count }))
    .toSorted((a, b) => a.provider.localeCompare(b.provider) || b.count - a.count || a.kind.localeCompare(b.kind));
}

/** Numbers of resources in one line: `183 resources: 20 digitalocean, 157 kubernetes, 6 random`. */
export function headline(resources: readonly Resource[]): string {
  const byProvider = Map.groupBy(totals(resources), (total) => total.provider);
  const sum = (list: readonly Total[]) => list.reduce((all, total) => all + total.count, 0);
  const parts = [...byProvider].map(([provider, list]) => `${sum(list)} ${provider}`);
  return `${sum(totals(resources))} resources: ${parts.join(", ")}`;
}
