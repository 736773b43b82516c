/** The review of a stack, and of a change to it. Pure. */
import { evaluate, type Evaluation } from "../../policy/evaluate.ts";
import type { Waiver } from "../../policy/waivers.ts";
import { maskedResources } from "../../graph/masking.ts";
import type { Rendering } from "../../graph/render/render.ts";
import type { Resource } from "../../graph/resource.ts";
import { availability, type Availability } from "./availability/availability.ts";
import { capacity, type Capacity } from "./capacity/capacity.ts";
import type { Change } from "./change.ts";
import { cost, costChanges, type Cost, type CostChange } from "./cost.ts";
import type { Danger } from "./danger.ts";
import { dangersOf } from "./dangers.ts";
import { dataFates, unchanged, type DataFate } from "./data/fates.ts";
import { difference, renamed } from "./difference.ts";
import type { ExposureChange } from "./exposure/changes/change.ts";
import { exposureChanges } from "./exposure/changes/changes.ts";
import type { Exposure } from "./exposure/entry.ts";
import { exposure } from "./exposure/exposure.ts";

/** The review of a stack. */
export interface Review extends Pick<Rendering, "stack" | "missing" | "notices"> {
  /** The stack's resources, masked. */
  readonly resources: readonly Resource[];
  /** Of which commit the stack is; undefined if nobody said. */
  readonly origin: Origin | undefined;
  /** What a reviewer must see before a merge, the most serious first. */
  readonly dangers: readonly Danger[];
  readonly cost: Cost;
  readonly capacity: Capacity;
  /** Where data is, and what the change does to it. */
  readonly data: readonly DataFate[];
  readonly exposure: Exposure;
  /** Who is away while the update runs; without a comparison, of a first update. */
  readonly availability: Availability;
  readonly policy: Evaluation;
  /** The comparison with another commit; undefined if there is none. */
  readonly change: ReviewedChange | undefined;
}

/** Where the stack that is reviewed comes from. */
export interface Origin {
  /** The commit, in short: `980e1ff`; undefined outside of a git repository. */
  readonly commit: string | undefined;
  /** Whether files differ from that commit. */
  readonly changed: boolean;
  /** When the review was made: `2026-11-28 07:41 UTC`. */
  readonly date: string;
}

/** The review of a change to a stack. */
interface ReviewedChange {
  /** What the stack is compared with. */
  readonly base: Base;
  readonly changes: readonly Change[];
  readonly costs: readonly CostChange[];
  /** What could be reached from outside before. */
  readonly exposed: Exposure;
  /** What changes in that. */
  readonly exposure: readonly ExposureChange[];
}

/** The stack at another commit. */
export interface Base {
  /** The commit, as the user named it: `main`. */
  readonly reference: string;
  /** The commit, in short: `980e1ff`. @default - not known */
  readonly commit?: string;
  /** The stack's resources at that commit, masked. */
  readonly resources: readonly Resource[];
  /** The waivers at that commit. @default - none */
  readonly waivers?: readonly Waiver[];
  /** What the stack lacked at that commit, by path. @default - nothing */
  readonly missing?: ReadonlySet<string>;
  /** Paths and texts of the remarks on its settings at that commit. @default - none */
  readonly notices?: ReadonlySet<string>;
}

/** A notice as a key of `Base.notices`. */
export function noticeKey({ path, text }: Review["notices"][number]): string {
  return `${path} ${text}`;
}

/**
 * Reviews a stack.
 *
 * @param rendering of the stack; nothing need be masked
 * @param base what to compare with @default - no comparison
 */
export function review(rendering: Rendering, waivers: readonly Waiver[], base?: Base, origin?: Origin): Review {
  const { stack, missing, notices } = rendering;
  const resources = maskedResources(rendering);
  const costs = cost(resources);
  const change = base && reviewChange(base, resources, costs);
  const creations = change?.changes ?? difference([], resources);
  const reviewed = {
    ...{ stack, missing, notices, resources, origin, change, cost: costs },
    ...{
      capacity: capacity(resources, base?.resources),
      policy: evaluate(stack, resources, waivers),
      exposure: exposure(resources),
    },
    data: base && change ? dataFates(base.resources, resources, change.changes) : unchanged(resources),
    availability: availability(base?.resources ?? [], resources, creations),
  };
  return { ...reviewed, dangers: dangersOf(reviewed) };
}

function reviewChange(base: Base, after: readonly Resource[], now: Cost): ReviewedChange {
  const changes = difference(base.resources, after);
  return {
    ...{ base, changes },
    costs: costChanges(cost(base.resources), now, renamed(base.resources, after)),
    exposed: exposure(base.resources),
    exposure: exposureChanges(base.resources, after, changes),
  };
}
