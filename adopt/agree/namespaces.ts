/** Namespaces in which systems run already. */
import { kindOf, metadataOf } from "../../graph/resource.ts";
import { settingsKey } from "../../preview/review/setting.ts";
import type { LiveObject } from "../ground/cluster.ts";
import type { Agree, Seen, Suggestion } from "./suggestion.ts";

/**
 * Each system is adopted where its Deployments and StatefulSets run. A namespace that is there is never the program's own: making
 * it so would put its Pod Security labels on it and deny what others in it connect to.
 */
export const namespaces: Agree = async (seen) => {
  const running = await workloads(seen);
  const systems = Map.groupBy(
    seen.resources.filter((one) => ["Deployment", "StatefulSet"].includes(kindOf(one))),
    (one) => settingsKey(one, seen.all),
  );
  const found = [...systems].map(async ([key, own]): Promise<Suggestion | undefined> => {
    const namespace = own.map((one) => metadataOf(one)?.namespace).find((one) => one !== undefined);
    if (key === undefined || key === "platform" || namespace === undefined) return undefined;
    const names = new Set(own.map((one) => `${kindOf(one)} ${metadataOf(one)?.name ?? ""}`));
    const there = running.filter(({ kind, metadata }) => names.has(`${kind} ${metadata.name}`));
    const counts = Map.groupBy(there, ({ metadata }) => metadata.namespace ?? "default");
    const [best] = [...counts].toSorted(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1));
    const name = counts.has(namespace) ? namespace : (best?.[0] ?? namespace);
    if (!(await isThere(seen, name)) || !makes(seen, key, namespace, name)) return undefined;
    const count = counts.get(name)?.length ?? 0;
    const others = [...counts.keys()].filter((one) => one !== name);
    const rest = others.length === 0 ? "" : `; objects of the same names are in ${others.join(", ")} too`;
    const why =
      count === 0 ? `is there, and holds nothing of it${rest}` : `has ${count} of its ${names.size} workloads${rest}`;
    return { path: `${key}.namespace`, value: { name, create: false }, why: `${name} ${why}` };
  });
  return (await Promise.all(found)).filter((one) => one !== undefined);
};

/** Whether the settings say otherwise: another name, or that the program makes the namespace. */
function makes({ resources, all }: Seen, key: string, namespace: string, name: string): boolean {
  if (namespace !== name) return true;
  return resources.some(
    (one) => kindOf(one) === "Namespace" && metadataOf(one)?.name === name && settingsKey(one, all) === key,
  );
}

async function workloads({ ground }: Seen): Promise<readonly LiveObject[]> {
  const { cluster } = ground;
  if (cluster === undefined) return [];
  return (await Promise.all(["Deployment", "StatefulSet"].map((kind) => cluster.objects("apps/v1", kind)))).flat();
}

async function isThere({ ground }: Seen, name: string): Promise<boolean> {
  const all = (await ground.cluster?.objects("v1", "Namespace")) ?? [];
  return all.some(({ metadata }) => metadata.name === name);
}
