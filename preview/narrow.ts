/** The review of one system of a stack. Pure. */
import { UsageError } from "../commands/failures.ts";
import { didYouMean } from "../commands/meant.ts";
import type { Resource } from "../graph/resource.ts";
import { byUrn, systemOf } from "../graph/stack.ts";
import type { Cell, Section } from "./report/section.ts";
import type { Review } from "./review/review.ts";

/** A component at the top of the tree. */
interface System {
  /** Name of its component: `bow-mark`. */
  readonly name: string;
  /** Key of its settings: `bowmark`. */
  readonly key: string;
}

/**
 * The part of a review that is about one system: its resources, changes, cost, dangers, and remarks on its settings.
 *
 * @param typed name of the system, or the key of its settings
 * @throws {UsageError} if the stack has no such system
 */
export function narrowed(review: Review, typed: string): Review {
  const { resources, change, cost, dangers, policy, missing, notices, prerequisites } = review;
  const everything = [...(change?.base.resources ?? []), ...resources];
  const system = named(everything, typed);
  const all = byUrn(everything);
  const isOwn = (resource: Resource) => systemOf(resource, all) === system.name;
  const own = new Set(everything.filter(isOwn).map(({ urn }) => urn));
  const isAbout = ({ path }: { path: string }) =>
    path.startsWith(`doks-systems:${system.key}.`) || path.startsWith(`doks-systems:secrets.${system.key}.`);
  return {
    ...review,
    resources: resources.filter(({ urn, parent }) => own.has(urn) || parent === undefined),
    dangers: dangers.filter(({ urn }) => own.has(urn)),
    cost: { ...cost, items: cost.items.filter((item) => item.system === system.name) },
    policy: {
      findings: policy.findings.filter(({ urn }) => own.has(urn)),
      unused: [],
    },
    missing: missing.filter(isAbout),
    notices: notices.filter(isAbout),
    prerequisites: prerequisites.filter((one) => one.system === system.key),
    change: change && {
      ...change,
      changes: change.changes.filter(({ resource }) => isOwn(resource)),
      costs: change.costs.filter(({ before, after }) => (after ?? before)?.system === system.name),
    },
  };
}

/** The sections, without what is about resources of other systems. */
export function narrowedSections(sections: readonly Section[], { resources }: Review): Section[] {
  const own = new Set(resources.map(({ urn }) => urn));
  const isOwn = (urn: string | undefined) => urn === undefined || urn === "account" || own.has(urn);
  const urnOf = (cell: string | Cell) => (typeof cell === "string" ? undefined : cell.urn);
  // A row is about what it names first; further on it may name what systems share, such as a load balancer.
  const about = (row: readonly (string | Cell)[]) => row.map(urnOf).find((urn) => urn !== undefined);
  return (
    sections
      // Pools hold pods of all systems together, and an update takes as long as all of them need.
      .filter(({ id, items, table }) => id !== "capacity" && !(id === "availability" && items.length === 0 && !table))
      .map(({ table, items, ...section }) => ({
        ...section,
        items: items.filter(({ resource }) => isOwn(resource?.urn)),
        ...(table && { table: { ...table, rows: table.rows.filter((row) => isOwn(about(row))) } }),
      }))
  );
}

function named(resources: readonly Resource[], typed: string): System {
  const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  const tops = resources
    .filter(({ parent, type }) => parent === stack?.urn && type.startsWith("doks-systems:"))
    .map(({ name, type }): System => ({ name, key: type.split(":")[1] ?? name }));
  const found = tops.find(({ name, key }) => name === typed || key === typed);
  if (found !== undefined) return found;
  const known = [...new Set(tops.flatMap(({ name, key }) => [name, key]))].toSorted();
  throw new UsageError(`the stack has no system ${typed}.${didYouMean(typed, known)} There are: ${known.join(", ")}`);
}
