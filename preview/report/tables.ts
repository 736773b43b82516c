/** Tables of cost and capacity that all reports have in common. Pure. */
import type { Capacity, Load } from "../review/capacity/capacity.ts";
import { total, type Cost, type CostItem, type Monthly } from "../review/cost.ts";

/** Cost of one system. */
export interface SystemCost {
  readonly system: string;
  readonly monthly: Monthly;
  readonly items: readonly CostItem[];
}

/** Cost by system, the most expensive first. */
export function bySystem({ items }: Cost): SystemCost[] {
  return [...Map.groupBy(items, ({ system }) => system)]
    .map(([system, own]) => ({ system, items: own, monthly: total(own) }))
    .toSorted((a, b) => b.monthly.min - a.monthly.min || a.system.localeCompare(b.system));
}

/** A row for each pool: its name, nodes (`4 to 32 × s-4vcpu-8gb`), requested CPU and memory (`76 % to 91 %`), and volumes. */
export function poolRows({ pools }: Capacity): string[][] {
  return pools.map(({ pool, min, max }) => [
    pool.name,
    `${range(String(pool.min), String(pool.max))} × ${pool.size}`,
    range(share(min, "milliCpu"), share(max, "milliCpu")),
    range(share(min, "mebibytes"), share(max, "mebibytes")),
    `${min.volumes} of ${range(String(min.volumesRoom), String(max.volumesRoom))}`,
  ]);
}

function share({ requested, room }: Load, what: "milliCpu" | "mebibytes"): string {
  return room === undefined ? "?" : `${Math.round((100 * requested[what]) / room[what])} %`;
}

function range(min: string, max: string): string {
  return min === max ? min : `${min} to ${max}`;
}
