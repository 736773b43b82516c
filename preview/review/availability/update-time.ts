/**
 * How long an update takes: the longest chain of resources of which each waits for the one before, with usual times. The engine
 * works on everything else beside it. Pure.
 */
import { kindOf, metadataOf, nameOf, providerOf, type Resource } from "../../../graph/resource.ts";
import type { Change } from "../change.ts";
import { rolledOf } from "./own.ts";
import { timeToReady } from "./pod-times.ts";
import { remade, rollout } from "./rollout.ts";
import { noTime, row, sum, times, type Seconds } from "./seconds.ts";
import { deletedFirst, type World } from "./world.ts";

/** One resource of the chain. */
interface Step {
  readonly resource: Resource;
  readonly operation: Change["operation"];
  readonly seconds: Seconds;
}

/** How long an update takes. */
export interface UpdateTime {
  readonly seconds: Seconds;
  /** The chain that takes longest with usual times, in its order. */
  readonly chain: readonly Step[];
}

/**
 * Creations, updates and replacements, each after what it waits for; then deletions, each after what waits for it. Source:
 * pulumi, `pkg/resource/deploy`: an old resource whose successor has another name is deleted at the end, too.
 */
export function updateTime(world: World): UpdateTime {
  const steps = new Map(
    world.changes
      .filter(({ operation }) => operation !== "delete" && operation !== "options")
      .map((change) => [change.resource.urn, stepOf(world, change)]),
  );
  const going = new Map(
    world.changes.filter(isDeletedLater).map((change) => [change.resource.urn, deletion(world, change)]),
  );
  const waits = new Map(
    [...world.after, ...world.before.filter(({ urn }) => going.has(urn))].map((one) => [one.urn, waitsFor(one)]),
  );
  const reversed = new Map<string, string[]>();
  for (const urn of going.keys())
    for (const on of waits.get(urn) ?? []) reversed.set(on, [...(reversed.get(on) ?? []), urn]);
  const chains = (by: keyof Seconds) => [
    longestChain(steps, (urn) => waits.get(urn) ?? [], by),
    longestChain(going, (urn) => reversed.get(urn) ?? [], by),
  ];
  const total = (by: keyof Seconds) =>
    chains(by)
      .flat()
      .reduce((all, { seconds }) => all + seconds[by], 0);
  return { seconds: { usual: total("usual"), worst: total("worst") }, chain: chains("usual").flat() };
}

/** The chain in words: `Vpc platform → KubernetesCluster doks-prod → …`, without what takes but a moment beside the rest. */
export function chainText({ seconds, chain }: UpdateTime): string {
  const long = chain.filter((step) => step.seconds.usual >= Math.min(5, seconds.usual / 20));
  return (long.length === 0 ? chain : long)
    .map(({ resource }) => `${kindOf(resource)} ${nameOf(resource)}`)
    .join(" → ");
}

function isDeletedLater(change: Change): boolean {
  return change.operation === "delete"
    ? change.resource.retainOnDelete !== true
    : change.operation === "replace" && !deletedFirst(change);
}

function waitsFor({ dependsOn, inputsFrom, provider }: Resource): string[] {
  return [...dependsOn, ...Object.values(inputsFrom).flat(), ...(provider === undefined ? [] : [provider])];
}

/** The chain that takes longest. What does not change takes no time, but what waits for it waits for what it waits for, too. */
function longestChain(
  steps: ReadonlyMap<string, Step>,
  waitsOn: (urn: string) => readonly string[],
  by: keyof Seconds,
): Step[] {
  const found = new Map<string, { readonly total: number; readonly before: string | undefined }>();
  const visit = (urn: string): { readonly total: number; readonly before: string | undefined } => {
    const known = found.get(urn);
    if (known !== undefined) return known;
    // A circle would be an error of the engine's; this only keeps it from being one here.
    found.set(urn, { total: 0, before: undefined });
    const before = waitsOn(urn)
      .map((one) => ({ urn: one, total: visit(one).total }))
      .reduce<{ urn: string; total: number } | undefined>(
        (a, b) => (a === undefined || b.total > a.total ? b : a),
        undefined,
      );
    const own = { total: (before?.total ?? 0) + (steps.get(urn)?.seconds[by] ?? 0), before: before?.urn };
    found.set(urn, own);
    return own;
  };
  const ends = [...steps.keys()].map((urn) => ({ urn, total: visit(urn).total }));
  const last = ends.reduce<{ urn: string; total: number } | undefined>(
    (a, b) => (a === undefined || b.total > a.total ? b : a),
    undefined,
  );
  const chain: Step[] = [];
  for (let urn = last?.urn; urn !== undefined; urn = found.get(urn)?.before) {
    const step = steps.get(urn);
    if (step !== undefined) chain.unshift(step);
  }
  return chain;
}

function stepOf(world: World, change: Change): Step {
  const { resource, operation } = change;
  return { resource, operation, seconds: timeOf(world, change) };
}

function deletion({ durations }: World, { resource, operation }: Change): Step {
  const name = kindOf(resource);
  return { resource, operation, seconds: row(durations, `${name} delete`, `${providerOf(resource)} delete`) };
}

function timeOf(world: World, change: Change): Seconds {
  const { operation } = change;
  if (operation === "replace")
    return sum(deletedFirst(change) ? deletion(world, change).seconds : noTime, created(world, change));
  return operation === "update" ? updated(world, change) : created(world, change);
}

function created(world: World, change: Change): Seconds {
  const { resource } = change;
  const kind = kindOf(resource);
  const { durations } = world;
  if (skipsAwait(resource)) return row(durations, "kubernetes create");
  const pods = world.podsLater(resource.urn);
  if (pods !== undefined) {
    const rolled = rolledOf(world, pods);
    if (change.operation === "replace") return remade(rolled, durations).lasts;
    const ordered = rolled.kind === "StatefulSet" && rolled.spec.podManagementPolicy !== "Parallel";
    return times(ordered ? rolled.replicas : 1, timeToReady(rolled.spec, durations));
  }
  if (kind === "Job") return job(world, resource);
  if (kind === "Service" && isBalancer(resource)) return row(durations, "Service balancer");
  return row(durations, `${kind} create`, `${providerOf(resource)} create`);
}

function updated(world: World, change: Change): Seconds {
  const { resource, fields } = change;
  const kind = kindOf(resource);
  const { durations } = world;
  if (skipsAwait(resource)) return row(durations, "kubernetes update");
  const has = (...paths: readonly string[]) => fields.some(({ path }) => paths.some((one) => path.startsWith(one)));
  const pods = world.podsLater(resource.urn);
  if (pods !== undefined && has("spec.template")) return rollout(rolledOf(world, pods), durations).lasts;
  if (kind === "DatabaseCluster" && has("size", "nodeCount", "storageSizeMib", "region"))
    return row(durations, "DatabaseCluster resize");
  return row(durations, `${kind} update`, `${providerOf(resource)} update`);
}

/** A Job waits for its pod: an image, its init containers, and what it does. */
function job({ durations }: World, resource: Resource): Seconds {
  const { template } = resource.inputs["spec"] as Parameters<typeof timeToReady>[0];
  const spec = template === undefined ? {} : { template };
  const start = timeToReady(spec, durations);
  return sum(start, row(durations, "Job run"));
}

/** Whether Pulumi is told not to wait for an object. */
function skipsAwait(resource: Resource): boolean {
  return metadataOf(resource)?.annotations?.["pulumi.com/skipAwait"] === "true";
}

function isBalancer({ inputs }: Resource): boolean {
  return (inputs["spec"] as { type?: string } | undefined)?.type === "LoadBalancer";
}
