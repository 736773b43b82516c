/** What a reviewer wants to know of a stack, and of a change of it. Pure. */
import { evaluate, isBroken, type Evaluation } from "../../policy/evaluate.ts";
import type { Waiver } from "../../policy/waivers.ts";
import type { Resource } from "../../graph/resource.ts";
import { capacity, type Capacity } from "./capacity/capacity.ts";
import { cost, costChanges, type Cost, type CostChange } from "./cost.ts";
import { difference, renamed } from "./difference.ts";
import type { Change } from "./change.ts";

export interface Review {
  readonly stack: string;
  readonly resources: readonly Resource[];
  readonly cost: Cost;
  readonly capacity: Capacity;
  readonly policy: Evaluation;
  /** Against another commit, where one is named. */
  readonly change: ReviewedChange | undefined;
}

export interface ReviewedChange {
  /** As it was named: `main`. */
  readonly base: string;
  /** The stack as it is there. */
  readonly before: readonly Resource[];
  readonly changes: readonly Change[];
  readonly costs: readonly CostChange[];
}

/** Another commit's rendering of the stack. */
export interface Base {
  readonly reference: string;
  readonly resources: readonly Resource[];
}

export function review(stack: string, resources: readonly Resource[], waivers: readonly Waiver[], base?: Base): Review {
  const costs = cost(resources);
  return {
    stack,
    resources,
    cost: costs,
    capacity: capacity(resources),
    policy: evaluate(stack, resources, waivers),
    change: base && reviewChange(base, resources, costs),
  };
}

function reviewChange({ reference, resources: before }: Base, after: readonly Resource[], now: Cost): ReviewedChange {
  return {
    ...{ base: reference, before },
    changes: difference(before, after),
    costs: costChanges(cost(before), now, renamed(before, after)),
  };
}

/** Whether a rule stops an update of the stack. */
export function breaksPolicy({ policy }: Review): boolean {
  return policy.findings.some(isBroken);
}

/** Whether what holds data would be deleted, replaced or left unprotected, or the update be refused because of it. */
export function endangersData({ change }: Review): boolean {
  return change?.changes.some(({ data, impossible }) => data !== undefined || impossible !== undefined) ?? false;
}
