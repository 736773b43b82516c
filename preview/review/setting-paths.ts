/** Settings that a reviewer should look at, found from the resources that they shape. Pure. */
import { metadataOf, type Resource } from "../../graph/resource.ts";
import type { ByUrn } from "../../graph/stack.ts";
import { systems } from "../../systems/settings.ts";

/** Names under which the systems' settings say how they are reached. */
const waysIn = ["hosts", "exposure", "ingress", "host"];

/** Key of the settings that a resource comes from, below `doks-systems:`: `gx`, `platform`; undefined if there are none. */
export function settingsKey(resource: Resource, all: ByUrn): string | undefined {
  const parent = all.get(resource.parent ?? "");
  if (parent !== undefined && parent.type !== "pulumi:pulumi:Stack") return settingsKey(parent, all);
  const [project, key] = resource.type.split(":");
  return project === "doks-systems" ? key : undefined;
}

/** The setting that says how a resource's system is reached: `gx.exposure`; undefined if it has none. */
export function reachSetting(resource: Resource, all: ByUrn): string | undefined {
  const key = settingsKey(resource, all);
  if (key === "platform") return "platform.edge";
  const shape: object = Object.entries(systems).find(([name]) => name === key)?.[1].setting.shape ?? {};
  const way = waysIn.find((one) => one in shape);
  return key === undefined || way === undefined ? undefined : `${key}.${way}`;
}

/**
 * A setting of a workload: `gx.workloads.svc-identity.replicas`; undefined if the resource belongs to no system.
 *
 * @param field path below `workloads.<name>`
 */
export function workloadSetting(owner: Resource, field: string, all: ByUrn): string | undefined {
  const key = settingsKey(owner, all);
  const name = metadataOf(owner)?.name;
  return key === undefined || key === "platform" || name === undefined
    ? undefined
    : `${key}.workloads.${name}.${field}`;
}
