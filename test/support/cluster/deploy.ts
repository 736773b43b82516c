/** A rendered stack in a real cluster: applied in dependency order, as the engine would, and waited for. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Resource } from "../../../graph/resource.ts";
import { kubernetesObject } from "../../../graph/resource.ts";
import { hasCondition, type ApiObject, type Client } from "../../../sandbox/control-plane/client.ts";
import { unwell } from "./unwell.ts";

/** Kubernetes objects in waves: each wave waits only for earlier ones. Charts are no objects; their kinds are there already. */
function waves(resources: readonly Resource[]): ApiObject[][] {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const depths = new Map<string, number>();
  const depth = (urn: string): number => {
    const known = depths.get(urn);
    if (known !== undefined) return known;
    const before = byUrn.get(urn)?.dependsOn.filter((one) => byUrn.has(one)) ?? [];
    const own = Math.max(0, ...before.map((one) => depth(one) + 1));
    depths.set(urn, own);
    return own;
  };
  const grouped = Map.groupBy(
    resources.filter((resource) => kubernetesObject(resource) !== undefined),
    ({ urn }) => depth(urn),
  );
  return [...grouped]
    .toSorted(([a], [b]) => a - b)
    .map(([, wave]) => wave.map((resource) => kubernetesObject(resource) as unknown as ApiObject));
}

/** Applies wave by wave; each is ready in so many seconds, before the next, as resources wait for each other in an update. */
export async function deploy(client: Client, resources: readonly Resource[], seconds = 120): Promise<ApiObject[]> {
  const applied: ApiObject[] = [];
  for (const wave of waves(resources)) {
    applied.push(...(await Promise.all(wave.map((object) => client.apply(object)))));
    await Promise.all(wave.map((object) => ready(client, object, seconds)));
  }
  return applied;
}

/** Waits until a workload is ready, a Job complete, an autoscaler at work; other kinds are so at once. */
export async function ready(client: Client, object: ApiObject, seconds = 120): Promise<void> {
  const { kind, metadata } = object;
  if (!["Deployment", "StatefulSet", "Job", "HorizontalPodAutoscaler"].includes(kind)) return;
  const deadline = Date.now() + seconds * 1000;
  // What takes long is looked at less often: to ask all the time would make it slower.
  for (let pause = 100; Date.now() < deadline; pause = Math.min(1000, pause * 1.3)) {
    const now = await client.get(object);
    if (now !== undefined && isReady(now)) return;
    if (now !== undefined && hasCondition(now, "Failed")) throw new Error(`${kind} ${metadata.name} has failed`);
    await sleep(pause);
  }
  const pods = metadata.namespace === undefined ? [] : await client.list("v1", "pods", metadata.namespace);
  const unready = pods.filter((pod) => pod["status"].phase !== "Succeeded" && !hasCondition(pod, "Ready"));
  const told = await unwell(client, unready);
  throw new Error([`${kind} ${metadata.name} not ready in ${seconds} s; pods that are not:`, ...told].join("\n"));
}

function isReady({ kind, spec, status, metadata }: ApiObject): boolean {
  if (kind === "Job") return status?.succeeded === (spec.completions ?? 1);
  // It looks every 15 s, and raises a count below its minimum without asking for metrics.
  if (kind === "HorizontalPodAutoscaler") return (status?.desiredReplicas ?? 0) >= (spec.minReplicas ?? 1);
  const seen = status?.observedGeneration === metadata.generation;
  const counts = [status?.updatedReplicas, status?.readyReplicas, status?.replicas];
  return seen && counts.every((count) => (count ?? 0) === spec.replicas);
}
