/** Which setting a resource is shaped by. Pure. */
import { kindOf, metadataOf, type Resource } from "../../graph/resource.ts";
import { topOf, type ByUrn } from "../../graph/stack.ts";
import { settingPath } from "../../settings/reading/paths.ts";
import { systems } from "../../systems/settings.ts";

/** Names under which the systems' settings say how they are reached. */
const waysIn = ["hosts", "exposure", "ingress", "host"];

/** The setting that says how a resource's system is reached: `gx.exposure`; undefined if it has none. */
export function reachSetting(resource: Resource, all: ByUrn): string | undefined {
  const key = settingsKey(resource, all);
  if (key === "platform") return "platform.edge";
  const shape: object = Object.entries(systems).find(([name]) => name === key)?.[1].setting.shape ?? {};
  const way = waysIn.find((one) => one in shape);
  return key === undefined || way === undefined ? undefined : settingPath(key, [way]);
}

/** Hash at the end of a Job's name, which `components/workload/task.ts` makes of the Job's content. */
const contentHash = /-[0-9a-f]{8}$/;

/**
 * Path of the settings of a Deployment, StatefulSet, Job or CronJob below `doks-systems:`, `gx.workloads.svc-identity`; undefined
 * for what belongs to no system. Every workload of a system takes that slice, by the name that `kubectl get` shows; a Job's without
 * its hash.
 */
export function workloadSetting(owner: Resource, all: ByUrn): string | undefined {
  const key = settingsKey(owner, all);
  const name = metadataOf(owner)?.name;
  if (key === undefined || key === "platform" || name === undefined) return undefined;
  return settingPath(key, ["workloads", kindOf(owner) === "Job" ? name.replace(contentHash, "") : name]);
}

/**
 * Key of the settings of the component that a resource belongs to, `gx`, `platform`. It is the folder of the component's class,
 * which is the second part of its type token: `doks-systems:bowmark:BowMark`. Undefined for what is in no component.
 */
export function settingsKey(resource: Resource, all: ByUrn): string | undefined {
  const top = topOf(resource, all);
  return top.type.startsWith("doks-systems:") ? top.type.split(":")[1] : undefined;
}
