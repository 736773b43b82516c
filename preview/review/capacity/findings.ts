/** Which workloads would wait for a node, or never have one, and in which situation. Pure. */
import { larger, poolSetting, raised, type Advice, type Situation } from "./advice.ts";
import type { PodGroup } from "./pod-group.ts";
import { emptyRoom } from "./room.ts";
import { lacking, schedule, type Pool, type Waiting } from "./schedule.ts";

/** A workload, or a pool, that something is wrong with. */
export interface CapacityFinding extends Advice {
  /** `problem` if pods never run, `warning` if they wait for a new node or only in some situations. */
  readonly level: "problem" | "warning";
  /**
   * `never` fits a node, however many there are; the pool is `missing`; `full`, though it has grown to its end; `crowded`, so that it
   * depends on the order in which pods come whether all find a node; or pods wait while a node is `drained`, all is `updated`, all that may has `scaled`, or the pool is `growing`. `unknown size` of a pool.
   */
  readonly situation:
    "never" | "missing" | "full" | "crowded" | "drained" | "updated" | "scaled" | "growing" | "unknown size";
  /** Name of the pool; `any` for pods that name none. */
  readonly pool: string;
  /** URN of what the pods belong to, or of the pool. */
  readonly urn: string;
  /** Kind and name: `Deployment gx/projector`, `pool general`. */
  readonly resource: string;
  /** Of a problem, whether the workload had none before the change. @default - not compared */
  readonly isNew?: boolean;
  /** The rest of a sentence that begins with the resource: `fits no node of pool general: …`. */
  readonly text: string;
}

/** A situation in which all pods should find a node. */
interface Scenario extends Situation {
  readonly situation: Exclude<CapacityFinding["situation"], "never" | "missing" | "unknown size">;
  /** End of the sentence that says which pods wait. */
  readonly when: (pool: string) => string;
  readonly level: CapacityFinding["level"];
  /** Setting of the pool to raise if the nodes do not suffice. */
  readonly raise: "min" | "max";
}

const steady = (group: PodGroup) => (group.task ? 0 : group.min);

/** The most serious first: what is found in one is not said again of another. */
const scenarios: readonly Scenario[] = [
  {
    situation: "full",
    when: (pool) => `for good: ${pool} is full, though grown to its end`,
    count: steady,
    nodes: ({ max }) => max,
    manner: "packed",
    level: "problem",
    raise: "max",
  },
  {
    situation: "crowded",
    when: (pool) => `for good if others come first: ${pool} is all but full, though grown to its end`,
    count: steady,
    nodes: ({ max }) => max,
    level: "warning",
    raise: "max",
  },
  {
    situation: "drained",
    when: (pool) => `while a node of ${pool} is drained`,
    count: steady,
    // If a pool has one node, DOKS adds another before it drains that one.
    nodes: ({ max }) => Math.max(1, max - 1),
    level: "warning",
    raise: "max",
  },
  {
    situation: "updated",
    when: (pool) => `on ${pool} while everything is updated at once, with jobs running`,
    count: (group) => group.min + group.surge,
    nodes: ({ max }) => max,
    level: "warning",
    raise: "max",
  },
  {
    situation: "scaled",
    when: (pool) => `on ${pool} when the autoscalers ask for all that they may`,
    count: (group) => (group.task ? 0 : group.max),
    nodes: ({ max }) => max,
    level: "warning",
    raise: "max",
  },
  {
    situation: "growing",
    when: (pool) => `at rest, until the autoscaler brings ${pool} a node`,
    count: steady,
    nodes: ({ min }) => min,
    level: "warning",
    raise: "min",
  },
];

/** Problems first, then in the order of the situations; of each workload the most serious finding alone. */
export function findings(groups: readonly PodGroup[], pools: readonly Pool[]): CapacityFinding[] {
  const impossible = new Map(groups.map((group) => [group, neverFits(group, groups, pools)]));
  const possible = groups.filter((group) => impossible.get(group) === undefined);
  const found = [...impossible.values()].filter((one) => one !== undefined);
  // Which pods wait in a pool that is too small is chance. So the most serious situation speaks for those that the same setting mends.
  const said = new Set<string>();
  for (const scenario of scenarios) {
    const here = waitingIn(scenario, possible, pools).filter(({ pool }) => !said.has(`${pool} ${scenario.raise}`));
    found.push(...here);
    for (const { pool } of here) {
      said.add(`${pool} ${scenario.raise}`);
      if (scenario.situation === "full") said.add(`${pool} min`);
    }
  }
  const first = new Map(found.toReversed().map((one) => [`${one.urn} ${one.resource}`, one]));
  return found.filter((one) => first.get(`${one.urn} ${one.resource}`) === one);
}

/** A pod that not even an empty node has room for, beside what runs on every node of the pool; more nodes do not help. */
function neverFits(group: PodGroup, groups: readonly PodGroup[], pools: readonly Pool[]): CapacityFinding | undefined {
  const { urn, resource, pool: name } = group;
  const about = { level: "problem", pool: name ?? "any", urn, resource } as const;
  const here = pools.filter((pool) => name === undefined || pool.name === name);
  if (here.length === 0) {
    const fix = `add ${poolSetting(about.pool)}, or name another pool`;
    const text = `names pool ${about.pool}, which this stack does not have`;
    return { ...about, situation: "missing", text, fix, setting: poolSetting(about.pool) };
  }
  const small = here.filter((pool) => lacking(emptyRoom(pool, groups, group), group) !== undefined);
  // What goes to every node misses where it does not fit; anything else runs if one pool can hold it.
  const pool = (group.everyNode || small.length === here.length ? small : []).at(-1);
  if (pool === undefined) return undefined;
  const free = emptyRoom(pool, groups, group);
  const reasons = [
    ...(group.each.milliCpu > free.milliCpu
      ? [`requests ${group.each.milliCpu}m of CPU where an empty ${pool.size} has ${free.milliCpu}m`]
      : []),
    ...(group.each.mebibytes > free.mebibytes
      ? [`requests ${group.each.mebibytes}Mi of memory where an empty ${pool.size} has ${free.mebibytes}Mi`]
      : []),
    ...(group.volumes > free.volumes ? [`has ${group.volumes} volumes where a node takes ${free.volumes}`] : []),
  ];
  const where = name === undefined && !group.everyNode ? "of any pool" : `of pool ${pool.name}`;
  const text = `fits no node ${where}, ever: ${reasons.join(", and ")}`;
  return { ...about, pool: pool.name, situation: "never", text, ...larger(group, pool, groups) };
}

function waitingIn(scenario: Scenario, groups: readonly PodGroup[], pools: readonly Pool[]): CapacityFinding[] {
  const { situation, level, count, nodes, manner, raise } = scenario;
  const waiting = schedule(groups, count, pools, nodes, manner);
  return [...Map.groupBy(waiting, ({ group }) => group.pool)].flatMap(([name, here]) => {
    const pool = pools.find((one) => one.name === name);
    const where = pool === undefined ? "every pool" : `pool ${pool.name}`;
    const fix =
      pool === undefined ? { fix: "raise the max of a pool" } : raised(pool, groups, alsoIn(scenario, pool), raise);
    return here.map((one): CapacityFinding => {
      const { urn, resource } = one.group;
      const text = `${waits(one, count(one.group))} ${scenario.when(where)}`;
      return { level, situation, pool: name ?? "any", urn, resource, text, ...fix };
    });
  });
}

/**
 * The situations that one advice should mend together. Where nodes cost as soon as they may be there, only those at hand: a number
 * of nodes that depends on luck is none.
 */
function alsoIn(scenario: Scenario, { min, max }: Pool): readonly Scenario[] {
  if (min !== max) return scenarios.filter(({ raise }) => raise === scenario.raise);
  return scenarios.filter((one) => one === scenario || (scenario.situation === "full" && one.situation === "crowded"));
}

/** `waits for memory with 2 of 3 pods`. */
function waits({ group, count, lacking: what }: Waiting, total: number): string {
  if (group.everyNode) return `waits on ${count} ${count === 1 ? "node" : "nodes"} for ${what}`;
  if (total === 1) return `waits for ${what}`;
  return `waits for ${what} with ${count === total ? `all ${total}` : `${count} of ${total}`} pods`;
}
