/** The section on capacity: what each node pool has, and which pods find no node. Pure. */
import type { Capacity, Load } from "../../review/capacity/capacity.ts";
import type { Review } from "../../review/review.ts";
import type { Item, Section } from "../section.ts";
import { count } from "../words.ts";

/** Capacity of the pools that a stack makes; undefined if it makes none. */
export function capacitySection({ capacity }: Review): Section | undefined {
  if (capacity.pools.length === 0) return undefined;
  const { findings, uncounted } = capacity;
  const tone = findings.some(({ level }) => level === "problem") ? "bad" : findings.length > 0 ? "warn" : "good";
  const items = findings.map(({ level, text, fix }): Item => {
    return { tone: level === "problem" ? "bad" : "warn", what: level, text, fix };
  });
  return {
    ...{ id: "capacity", title: "Capacity" },
    verdict: { text: findings.length === 0 ? "everything fits" : count(findings.length, "finding"), tone },
    note: "at rest, while all is updated at once, with a node drained, and with the autoscalers at their maximum",
    items: [
      ...items,
      ...(uncounted.length === 0
        ? []
        : [{ tone: "faint" as const, text: `not counted: pods of ${uncounted.join(", ")}` }]),
    ],
    table: { head: ["pool", "nodes", "CPU requested", "memory requested", "volumes"], rows: poolRows(capacity) },
  };
}

/** A row for each pool: its name, nodes (`4 to 32 × s-4vcpu-8gb`), requested CPU and memory (`76 % to 91 %`), and volumes. */
function poolRows({ pools }: Capacity): string[][] {
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
