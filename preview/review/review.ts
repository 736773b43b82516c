/** The review of a stack, and of a change to it: cost, capacity, policy, difference. Pure. */
import { evaluate, isBroken, type Evaluation } from "../../policy/evaluate.ts";
import type { Waiver } from "../../policy/waivers.ts";
import type { Resource } from "../../graph/resource.ts";
import { capacity, type Capacity } from "./capacity/capacity.ts";
import { cost, costChanges, type Cost, type CostChange } from "./cost.ts";
import { difference, renamed } from "./difference.ts";
import type { Change } from "./change.ts";

/** The review of a stack. */
export interface Review {
  readonly stack: string;
  /** The stack's resources, masked. */
  readonly resources: readonly Resource[];
  readonly cost: Cost;
  readonly capacity: Capacity;
  readonly policy: Evaluation;
  /** The comparison with another commit; undefined if there is none. */
  readonly change: ReviewedChange | undefined;
}

/** The review of a change to a stack. */
export interface ReviewedChange {
  /** The commit that the stack is compared with, as the user named it: `main`. */
  readonly base: string;
  /** The stack's resources at that commit. */
  readonly before: readonly Resource[];
  readonly changes: readonly Change[];
  readonly costs: readonly CostChange[];
}

/** The resources of the stack at another commit. */
export interface Base {
  /** The commit, as the user named it: `main`. */
  readonly reference: string;
  readonly resources: readonly Resource[];
}

/**
 * Reviews a stack.
 *
 * @param resources masked
 * @param base what to compare with @default - no comparison
 */
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

/** Whether data would be lost, kept aside or left unprotected, or the update would be refused. */
export function endangersData({ change }: Review): boolean {
  return change?.changes.some(({ data, impossible }) => data !== undefined || impossible !== undefined) ?? false;
}
