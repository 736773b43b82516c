/** The review of a stack, and of a change to it. Pure. */
import { evaluate, type Evaluation } from "../../policy/evaluate.ts";
import type { Waiver } from "../../policy/waivers.ts";
import { maskedResources } from "../../graph/masking.ts";
import type { Rendering, Told } from "../../graph/render/render.ts";
import { prerequisites, type Prerequisite } from "../../phases/prerequisites.ts";
import type { Resource } from "../../graph/resource.ts";
import { availability, type Availability } from "./availability/availability.ts";
import { capacity, type Capacity } from "./capacity/capacity.ts";
import type { Change } from "./change.ts";
import { cost, costChanges, type Cost, type CostChange } from "./cost/cost.ts";
import type { Danger } from "./danger.ts";
import { dangersOf } from "./dangers.ts";
import { dataFates, unchanged, type DataFate } from "./data/fates.ts";
import { difference, renamed } from "./difference.ts";
import type { ExposureChange } from "./exposure/changes/change.ts";
import { exposureChanges } from "./exposure/changes/changes.ts";
import type { Loss } from "./protection/loss.ts";
import { protectionLosses } from "./protection/protection.ts";
import type { Exposure } from "./exposure/entry.ts";
import { exposure } from "./exposure/exposure.ts";

/** The review of a stack. */
export interface Review extends Pick<Told, "stack" | "missing" | "notices"> {
  /** The stack's resources, masked. */
  readonly resources: readonly Resource[];
  /** Of which commit the stack is; undefined if nobody said. */
  readonly origin: Origin | undefined;
  /** What a reviewer must see before a merge, the most serious first. */
  readonly dangers: readonly Danger[];
  readonly cost: Cost;
  readonly capacity: Capacity;
  readonly exposure: Exposure;
  /** Who is away while the update runs; without a comparison, of a first update. */
  readonly availability: Availability;
  /** Where data is, and what the change does to it. */
  readonly data: readonly DataFate[];
  readonly policy: Evaluation;
  /** What must be there before an update can end, and what no update makes. */
  readonly prerequisites: readonly Prerequisite[];
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
  /** What is less protected than before. */
  readonly protection: readonly Loss[];
}

/** The stack at another commit. */
export interface Base {
  /** The commit, as the user named it: `main`. */
  readonly reference: string;
  /** The commit, in short: `980e1ff`. @default - not known */
  readonly commit?: string;
  /** The stack's resources at that commit, masked. */
  readonly resources: readonly Resource[];
  /** The waivers at that commit. @default - those of today */
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
  const now = { cost: cost(resources), policy: evaluate(stack, resources, waivers) };
  const change =
    base &&
    reviewChange(base, resources, {
      costs: [cost(base.resources), now.cost],
      policies: [evaluate(stack, base.resources, base.waivers ?? waivers), now.policy],
    });
  const before = base?.resources ?? [];
  const reviewed = {
    ...{ stack, missing, notices, resources, origin, change },
    ...now,
    ...{ capacity: capacity(resources, base?.resources), exposure: exposure(resources) },
    prerequisites: prerequisites(rendering),
    availability: availability(before, resources, change?.changes ?? difference(before, resources)),
    data: change === undefined ? unchanged(resources) : dataFates(before, resources, change.changes),
  };
  return { ...reviewed, dangers: dangersOf(reviewed) };
}

/** What was found before, and now. */
interface Found {
  readonly costs: readonly [Cost, Cost];
  readonly policies: readonly [Evaluation, Evaluation];
}

function reviewChange(base: Base, after: readonly Resource[], { costs, policies }: Found): ReviewedChange {
  const before = base.resources;
  const changes = difference(before, after);
  const [{ findings: old }, { findings }] = policies;
  return {
    ...{ base, changes },
    costs: costChanges(...costs, renamed(before, after)),
    ...{ exposed: exposure(before), exposure: exposureChanges(before, after, changes) },
    protection: protectionLosses(before, after, { before: old, after: findings }, changes),
  };
}
