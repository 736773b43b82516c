/** The section on cost: by system, or what changes. Pure. */
import {
  changeLine,
  changeOf,
  money,
  sumOf,
  total,
  type Cost,
  type CostItem,
  type Monthly,
} from "../../review/cost/cost.ts";
import type { Review } from "../../review/review.ts";
import type { Cell, Item, Section } from "../section.ts";

/** What the stack costs a month, and with a comparison, what it cost before. */
export function costSection({ cost, change }: Review): Section {
  const sum = `${sumOf(cost.items)} a month`;
  const others: Item[] =
    cost.others === undefined
      ? []
      : [
          {
            tone: "faint",
            what: "not counted",
            text: `control plane and nodes of ${cost.others}, which is not this stack's`,
          },
        ];
  const items = [...(change?.costs ?? []).map((one): Item => ({ tone: "plain", text: changeLine(one) })), ...others];
  return {
    ...{ id: "cost", title: "Cost" },
    verdict: { text: change === undefined ? sum : `${sum}, ${changeOf(change.costs)}`, tone: "plain" },
    note: `list prices of ${cost.asOf} in US dollars, without tax, traffic and snapshots`,
    items,
    table: { head: ["system", "a month", "for"], rows: bySystem(cost).flatMap(rows), right: [1] },
    folded: change !== undefined,
  };
}

/** Cost of one system. */
interface SystemCost {
  readonly system: string;
  readonly monthly: Monthly;
  readonly items: readonly CostItem[];
}

/** Cost by system, the most expensive first. */
function bySystem({ items }: Cost): SystemCost[] {
  return [...Map.groupBy(items, ({ system }) => system)]
    .map(([system, own]) => ({ system, items: own, monthly: total(own) }))
    .toSorted((a, b) => b.monthly.min - a.monthly.min || a.system.localeCompare(b.system));
}

/** A row with the sum of a system that has several paid parts, and one for each part. */
function rows({ system, monthly, items }: SystemCost): (string | Cell)[][] {
  const parts = items.map(({ urn, what, monthly: own }) => [
    own === undefined ? { text: "no price known", tone: "bad" as const } : money(own),
    urn === "account" ? what : { text: what, urn },
  ]);
  if (parts.length === 1) return parts.map((part) => [system, ...part]);
  return [[system, money(monthly), { text: "together", tone: "faint" }], ...parts.map((part) => ["", ...part])];
}
