/** What to change so that pods find a node: the setting, and the smallest value that works. Pure. */
import { nodesPerCluster, systemPool } from "../../../catalogue/doks.ts";
import { roomOn, sizesLike } from "../../../catalogue/droplets.ts";
import prices from "../../../catalogue/prices.json" with { type: "json" };
import type { PodGroup } from "./pod-group.ts";
import { emptyRoom } from "./room.ts";
import { lacking, schedule, type Manner, type Pool } from "./schedule.ts";

/** What to do about a finding. */
export interface Advice {
  /** `raise platform.pools.general.min from 4 to 5`. */
  readonly fix: string;
  /** The setting to look at first: `platform.pools.general.min`. */
  readonly setting?: string;
  /** Page that says how, where the setting alone is not enough. */
  readonly page?: string;
}

/** How many pods and nodes there are in a situation. */
export interface Situation {
  /** Number of pods of a group. */
  readonly count: (group: PodGroup) => number;
  /** Number of nodes of a pool. */
  readonly nodes: (pool: Pool) => number;
  /** @default "spread" */
  readonly manner?: Manner;
}

/** Most nodes that the settings let the built-in pool have. */
const systemNodes = 10;
const pages = { resize: "docs/runbooks/node-pools.md" };

/** Path of the settings of a pool: `platform.pools.general`, `platform.cluster.systemPool`. */
export function poolSetting(pool: string): string {
  return pool === systemPool ? "platform.cluster.systemPool" : `platform.pools.${pool}`;
}

/** For a pod that is larger than a node: to request less, or a larger size of nodes. */
export function larger(group: PodGroup, pool: Pool, groups: readonly PodGroup[]): Advice {
  const free = emptyRoom(pool, groups, group);
  const requests = `${group.setting ?? ""}.resources.requests`;
  const less = (["cpu", "memory"] as const).flatMap((what) => {
    const [key, unit] = what === "cpu" ? (["milliCpu", "m"] as const) : (["mebibytes", "Mi"] as const);
    const most = free[key] - group.beside[key];
    if (group.setting === undefined || group.each[key] <= free[key] || most <= 0) return [];
    return [{ setting: `${requests}.${what}`, text: `lower ${requests}.${what} to ${most}${unit}` }];
  });
  const fits = (size: Pool) => lacking(emptyRoom(size, groups, group), group) === undefined;
  const size = largerSize(pool, fits);
  const options = [
    ...less.map(({ text }) => text),
    ...(size === undefined ? [] : [size.fix]),
    ...(group.poolSetting === undefined ? [] : [`name another pool: ${group.poolSetting}`]),
  ];
  const setting = less[0]?.setting ?? size?.setting;
  return {
    fix: options.join(", or ") || "let it request less; no size of DigitalOcean's holds it",
    ...(setting !== undefined && { setting }),
    ...(size?.page !== undefined && { page: size.page }),
  };
}

/**
 * For a pool with too few nodes: the smallest number that suffices, or a larger size if none does.
 *
 * @param situations in which nobody is to wait
 */
export function raised(
  pool: Pool,
  groups: readonly PodGroup[],
  situations: readonly Situation[],
  raise: "min" | "max",
): Advice {
  const here = groups.filter((group) => group.pool === pool.name || (group.everyNode && group.pool === undefined));
  const suffices = (one: Pool) =>
    situations.every(({ count, nodes, manner }) => schedule(here, count, [one], nodes, manner).length === 0);
  const most = (pool.name === systemPool ? systemNodes : nodesPerCluster) - pool[raise];
  const grown = (extra: number) => ({ ...pool, min: pool.min + extra, max: pool.max + extra });
  const fewest = Math.max(...situations.map(({ count }) => fewestNodes(pool, here, count)));
  const least = Math.max(1, fewest - pool[raise]);
  for (let more = least; more <= Math.min(most, least + 64); more += 1) {
    if (!suffices(grown(more))) continue;
    const fixed = pool.min === pool.max;
    const field = pool.name === systemPool ? "count" : fixed ? "min" : raise;
    const setting = `${poolSetting(pool.name)}.${field}`;
    const both = pool.name !== systemPool && fixed ? " and max" : "";
    const price = raise === "min" || fixed ? priceOf(pool.size, more) : "";
    return {
      fix: `${atOwner(pool)}raise ${setting}${both} from ${pool[raise]} to ${pool[raise] + more}${price}, or lower requests`,
      setting,
    };
  }
  const size = largerSize(pool, suffices);
  return size ?? { fix: `no number of ${pool.size} suffices: lower requests, or move workloads to another pool` };
}

/** Number of nodes below which the sums alone are too much; from there on only trying helps. */
function fewestNodes(pool: Pool, here: readonly PodGroup[], count: (group: PodGroup) => number): number {
  const single = here.filter(({ everyNode }) => !everyNode);
  const free = emptyRoom(pool, here, { priority: -Infinity, everyNode: false });
  const sum = (of: (group: PodGroup) => number) => single.reduce((all, group) => all + of(group) * count(group), 0);
  return Math.max(
    ...[
      sum(({ each }) => each.milliCpu) / free.milliCpu,
      sum(({ each }) => each.mebibytes) / free.mebibytes,
      sum(({ volumes }) => volumes) / free.volumes,
      sum(() => 1) / free.pods,
    ].map((nodes) => Math.ceil(nodes)),
  );
}

/** The settings only repeat what a pool is that was there before. */
function atOwner({ isThere }: Pool): string {
  return isThere === true ? "at DigitalOcean first, then here: " : "";
}

/** The smallest larger size of the same family that suffices; undefined if none does. */
function largerSize(pool: Pool, suffices: (pool: Pool) => boolean): Advice | undefined {
  const sizes = sizesLike(pool.size);
  const enough = sizes
    .slice(sizes.indexOf(pool.size) + 1)
    .filter((size) => suffices({ ...pool, size, room: roomOn(size) }));
  // What has no price is seldom on offer any more.
  const found = enough.find((size) => nodePrices[size] !== undefined) ?? enough[0];
  if (found === undefined) return undefined;
  const setting = `${poolSetting(pool.name)}.size`;
  const price = difference(pool.size, found);
  const each = price === undefined ? "" : ` (${money(price)} a month for each node)`;
  const built = pool.name === systemPool ? ", which is another cluster" : "";
  return {
    fix: `${atOwner(pool)}make ${setting} ${found}, the smallest of its family that works${built}${each}`,
    ...{ setting, page: pages.resize },
  };
}

const nodePrices: Readonly<Record<string, number | undefined>> = prices.nodes;

function priceOf(size: string, nodes: number): string {
  const each = nodePrices[size];
  return each === undefined ? "" : ` (${money(each * nodes)} a month)`;
}

function difference(before: string, after: string): number | undefined {
  const [was, is] = [nodePrices[before], nodePrices[after]];
  return was === undefined || is === undefined ? undefined : is - was;
}

function money(amount: number): string {
  return `${amount < 0 ? "-" : "+"} $ ${Math.abs(amount).toFixed(2)}`;
}
