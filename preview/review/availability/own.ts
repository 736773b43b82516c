/** What the change of a workload itself, of its Services and of its namespace does to it. Pure. */
import { kindOf, label, metadataOf } from "../../../graph/resource.ts";
import type { WorkloadSpec } from "../../../graph/pods.ts";
import type { Pods } from "../../../graph/pods.ts";
import { isGone, type Change, type FieldChange } from "../change.ts";
import { retirementOf } from "../../../graph/stack.ts";
import { timeToReady } from "./pod-times.ts";
import { remade, rollout, type Rolled, type Rollout } from "./rollout.ts";
import { noTime, row, sum } from "./seconds.ts";
import { deletedFirst, leadsTo, reasonOf, type Effect, type World } from "./world.ts";

type Found = Omit<Effect, "workload" | "cause">;

/** Effects of changes to workloads, in the order of the changes. */
export function ownEffects(world: World): Effect[] {
  return world.of("Deployment", "StatefulSet").flatMap((change) => {
    const { urn } = change.resource;
    const pods = world.podsOf(urn);
    if (pods === undefined || change.operation === "create" || change.operation === "options") return [];
    const found = changed(world, change, pods);
    return found === undefined ? [] : [{ workload: urn, cause: causeOf(world, change), ...found }];
  });
}

/** A workload with what decides how it is replaced. */
export function rolledOf(world: World, pods: Pods): Rolled {
  const kind = kindOf(pods.owner) === "StatefulSet" ? "StatefulSet" : "Deployment";
  return { kind, spec: specOf(pods), replicas: pods.replicas.min, takesRequests: world.takesRequests(pods) };
}

function specOf({ owner }: Pods): WorkloadSpec {
  return owner.inputs["spec"] as WorkloadSpec;
}

function changed(world: World, change: Change, pods: Pods): Found | undefined {
  const { durations } = world;
  if (change.operation === "delete")
    return { verdict: "gone", away: noTime, why: isRetired(world, change) ? retired : "it is deleted" };
  if (change.fields.some(({ path }) => path === "(provider)")) {
    const away = sum(row(durations, "KubernetesCluster create"), timeToReady(specOf(pods), durations));
    return { verdict: "away", away, why: "it moves to another cluster" };
  }
  if (change.operation === "replace") return replaced(world, change, pods);
  if (change.fields.some(({ path, after }) => path === "spec.replicas" && after === 0))
    return {
      verdict: "gone",
      away: noTime,
      why: isRetired(world, change) ? retired : "its number of pods is set to 0",
    };
  const template = change.fields.filter(({ path }) => path.startsWith("spec.template"));
  if (template.length === 0) return undefined;
  return withTouch(rollout(rolledOf(world, pods), durations), template);
}

/** Why a workload goes whose system is taken away, and so is meant to. */
export const retired = "the retirement of its system";

function isRetired({ all }: World, { resource }: Change): boolean {
  return retirementOf(resource, all) !== undefined;
}

function replaced(world: World, change: Change, pods: Pods): Found {
  if (deletedFirst(change)) {
    const { verdict, away, why } = remade(rolledOf(world, pods), world.durations);
    return { verdict, away, why: `${why} (${reasonOf(change)})`, remade: true };
  }
  if (specOf(pods).volumeClaimTemplates !== undefined)
    return { verdict: "gone", away: noTime, why: "the new one has another name, and starts with empty volumes" };
  return { verdict: "rolls", away: noTime, why: "the new one has another name, and is ready before the old one goes" };
}

function withTouch({ verdict, away, why }: Rollout, fields: readonly FieldChange[]): Found {
  return { verdict, away, why: `${why} (${touches(fields)})` };
}

/** What changes in a template, in a few words: `image, resources`. */
function touches(fields: readonly FieldChange[]): string {
  const words = [...new Set(fields.map(({ path, before, after }) => touch(path, before, after)))];
  return words.length <= 3 ? words.join(", ") : `${words.slice(0, 2).join(", ")} and ${words.length - 2} more`;
}

const checksum = /\.annotations\.checksum\.doks-systems\/(.+)$/;

function touch(path: string, before: unknown, after: unknown): string {
  const read = checksum.exec(path)?.[1];
  if (read !== undefined) return `${read} is read anew`;
  if (path.endsWith(".image")) return `image ${shortImage(before)} → ${shortImage(after)}`;
  const [, inner = path] = /^spec\.template\.(?:spec|metadata)\.(.+)$/.exec(path) ?? [];
  const [first = "", second = ""] = inner.replace(/^(initC|c)ontainers\[[^\]]*\]\.?/, "").split(/[.[]/);
  return first === ""
    ? "containers"
    : first === "annotations" || first === "labels"
      ? `${first} ${second}`.trim()
      : first;
}

/** The end of an image's name, which is what changes as a rule: `api:2.0.1`. */
function shortImage(image: unknown): string {
  return typeof image === "string" ? (image.split("/").at(-1) ?? image) : "none";
}

/** URN of the namespace, if it goes too; else of the workload. */
function causeOf(world: World, { resource }: Change): string {
  const space = world
    .of("Namespace")
    .find((one) => isGone(one) && metadataOf(one.resource)?.name === metadataOf(resource)?.namespace);
  return space?.resource.urn ?? resource.urn;
}

/** Effects of Services that are deleted, made anew or select other pods, on workloads that stay. */
export function serviceEffects(world: World): Effect[] {
  return world.of("Service").flatMap((change): Effect[] => {
    const old = world.earlier(change.resource.urn);
    if (old === undefined) return [];
    const behind = world.running.filter(({ owner, namespace }) => {
      const then = world.podsEarlier(owner.urn);
      return then !== undefined && leadsTo(old, namespace, then.labels) && isKept(world, owner.urn);
    });
    return behind.flatMap((pods) => {
      const found = reached(world, change, pods);
      return found === undefined ? [] : [{ workload: pods.owner.urn, cause: change.resource.urn, ...found }];
    });
  });
}

function isKept(world: World, urn: string): boolean {
  return world.podsAfter.some(({ owner }) => owner.urn === urn);
}

function reached(world: World, change: Change, pods: Pods): Found | undefined {
  const { resource, operation, fields } = change;
  const name = label(resource);
  if (operation === "delete")
    return { verdict: "gone", away: noTime, why: `${name} is deleted: nobody finds it there` };
  if (operation === "replace") {
    const away = sum(row(world.durations, "kubernetes delete"), row(world.durations, "Service create"));
    return { verdict: "away", away, why: `${name} is made anew, with another address (${reasonOf(change)})` };
  }
  if (!fields.some(({ path }) => path.startsWith("spec.selector"))) return undefined;
  if (!leadsTo(resource, pods.namespace, pods.labels))
    return { verdict: "gone", away: noTime, why: `${name} selects other pods` };
  const then = world.podsEarlier(pods.owner.urn);
  if (then !== undefined && leadsTo(resource, then.namespace, then.labels)) return undefined;
  // It changes once the new pods are ready.
  if (resource.dependsOn.includes(pods.owner.urn)) return undefined;
  const away = timeToReady(specOf(pods), world.durations);
  return { verdict: "away", away, why: `${name} selects only new pods` };
}
