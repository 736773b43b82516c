/** Which system a resource belongs to. */
import type { PublicResource } from "../render/public-resource.ts";

/** What the parts of a stack are looked up in. */
export type ByUrn = ReadonlyMap<string, PublicResource>;

export function byUrn(resources: readonly PublicResource[]): ByUrn {
  return new Map(resources.map((resource) => [resource.urn, resource]));
}

/** Name of the component right below the stack: `platform`, `gx`. */
export function systemOf(resource: PublicResource, all: ByUrn): string {
  const parent = all.get(resource.parent ?? "");
  return parent === undefined || parent.type === "pulumi:pulumi:Stack" ? resource.name : systemOf(parent, all);
}
