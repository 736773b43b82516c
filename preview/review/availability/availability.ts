/**
 * Who is away while an update runs, for how long and why; and how long the update takes. What Kubernetes decides follows from
 * the manifests; what DigitalOcean takes is from a table with a date, `catalogue/durations`. Pure.
 */
import { label } from "../../../graph/resource.ts";
import { systemOf } from "../../../graph/stack.ts";
import type { Resource } from "../../../graph/resource.ts";
import type { Change } from "../change.ts";
import { workloadSetting } from "../setting.ts";
import { onDatabases } from "./databases.ts";
import { onEdge } from "./edge.ts";
import { needEffects } from "./needs.ts";
import { onNodes } from "./nodes.ts";
import { ownEffects, serviceEffects } from "./own.ts";
import { verdicts, type Verdict } from "./rollout.ts";
import { durationsAsOf, usualDurations, type Durations, type Seconds } from "./seconds.ts";
import { updateTime, type UpdateTime } from "./update-time.ts";
import { World, type Effect, type Happening } from "./world.ts";

/** What an update does to one workload. */
export interface WorkloadAvailability {
  readonly resource: Resource;
  /** Top-level component: `gx`. */
  readonly system: string;
  readonly verdict: Verdict;
  /** For how long it is away, or what it needs is; no time if neither is. */
  readonly away: Seconds;
  /** Reasons, the most serious first. */
  readonly why: readonly string[];
  /** Whether it is deleted first, and then made again. */
  readonly remade: boolean;
  /** The resource whose change is to blame for the verdict: itself, a node pool, a database, a namespace. */
  readonly cause: Resource;
  /** Its settings: `gx.workloads.svc-identity`; undefined for what the platform makes. */
  readonly setting: string | undefined;
}

/** Who is away while an update runs. */
export interface Availability {
  /** Whether nothing was there before: a first update, of which nobody can be away. */
  readonly first: boolean;
  /** Workloads that the update touches or affects, the worst first, then by name. */
  readonly workloads: readonly WorkloadAvailability[];
  /** What happens to nodes, managed databases, certificates, DNS records and the edge. */
  readonly happenings: readonly Happening[];
  /** URNs of protected resources that would be deleted or replaced: the engine refuses, and nothing of it happens. */
  readonly refused: readonly string[];
  /** How long the update takes. */
  readonly update: UpdateTime;
  /** Date of the usual times: `2026-11-28`. */
  readonly asOf: string;
}

/**
 * Who is away while an update runs.
 *
 * @param before the stack's resources; empty for a first update
 * @param after the stack's resources after it
 * @param changes the difference of the two
 */
export function availability(
  before: readonly Resource[],
  after: readonly Resource[],
  changes: readonly Change[],
  durations: Durations = usualDurations,
): Availability {
  const world = new World(before, after, changes, durations);
  const nodes = onNodes(world);
  const happenings = [...nodes.happenings, ...onDatabases(world), ...onEdge(world)].map((one) => rooted(world, one));
  const own = [...nodes.effects, ...ownEffects(world), ...serviceEffects(world)].map((effect) => ({
    ...effect,
    cause: world.rootOf(effect.cause),
  }));
  const effects = [...own, ...needEffects(world, worstOfEach(own), happenings)];
  return {
    first: before.length === 0,
    workloads: workloadsOf(world, effects),
    happenings: happenings.toSorted((a, b) => severity(a) - severity(b)),
    refused: changes.filter(({ data }) => data === "refused").map(({ resource }) => resource.urn),
    update: updateTime(world),
    asOf: durationsAsOf,
  };
}

/** What happens with what is to blame for it, unless that is the resource itself. */
function rooted(world: World, { cause, ...one }: Happening): Happening {
  const root = world.rootOf(cause ?? one.resource.urn);
  return root === one.resource.urn ? one : { ...one, cause: root };
}

function severity({ verdict }: Happening): number {
  return ["away", "brief", "none"].indexOf(verdict);
}

/** The worse of two effects on a workload first; of the same kind, the longer one. */
function bySeverity(a: Effect, b: Effect): number {
  return verdicts.indexOf(a.verdict) - verdicts.indexOf(b.verdict) || b.away.worst - a.away.worst;
}

function worstOfEach(effects: readonly Effect[]): Effect[] {
  return [...Map.groupBy(effects, ({ workload }) => workload).values()].flatMap((all) =>
    all.toSorted(bySeverity).slice(0, 1),
  );
}

function workloadsOf(world: World, effects: readonly Effect[]): WorkloadAvailability[] {
  const all = [...Map.groupBy(effects, ({ workload }) => workload)].flatMap(([urn, own]): WorkloadAvailability[] => {
    const resource = world.podsOf(urn)?.owner;
    const sorted = own.toSorted(bySeverity);
    const [worst] = sorted;
    if (resource === undefined || worst === undefined || worst.verdict === "untouched") return [];
    return [
      {
        ...{ resource, system: systemOf(resource, world.all), verdict: worst.verdict, away: worst.away },
        why: [...new Set(sorted.map(({ why }) => why))],
        remade: worst.remade === true,
        cause: world.all.get(worst.cause) ?? resource,
        setting: workloadSetting(resource, world.all),
      },
    ];
  });
  return all.toSorted(
    (a, b) =>
      verdicts.indexOf(a.verdict) - verdicts.indexOf(b.verdict) || (label(a.resource) < label(b.resource) ? -1 : 1),
  );
}
