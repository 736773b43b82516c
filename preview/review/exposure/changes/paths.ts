/** Paths of hosts that lead to other workloads, or nowhere. Pure. */
import type { Entry, Link } from "../entry.ts";
import { byHost, type Comparison, type Fact } from "./change.ts";

/** What changes in where requests go, for hosts that stay. */
export function pathFacts({ old, now }: Comparison): Fact[] {
  const [before, after] = [byHost(old), byHost(now)];
  return [...before].flatMap(([host, own]) => {
    const others = after.get(host);
    if (others === undefined) return [];
    const paths = [...new Set([...own, ...others].flatMap(({ path }) => (path === undefined ? [] : [path])))];
    return [...paths, ...(paths.length === 0 ? [undefined] : [])].flatMap((path) => factOf(host, path, own, others));
  });
}

function factOf(host: string, path: string | undefined, before: readonly Entry[], after: readonly Entry[]): Fact[] {
  const [from, to] = [answering(before, path), answering(after, path)];
  const [by] = after;
  if (from === undefined || by === undefined || from.to.length === 0) return [];
  const what = path === undefined || path === "/" ? host : `${host}${path}`;
  const common = { what, cause: by.owner, resource: to?.by ?? by.by, entries: [(to ?? from).id] };
  if (to === undefined)
    return [
      {
        ...{ ...common, level: "stop", mark: "answers 404" },
        text: (all) => `no longer leads ${all} to ${names(from.to)}: nothing answers there`,
      },
    ];
  if (to.to.length === 0)
    return [
      {
        ...{ ...common, level: "stop", mark: "no pods" },
        text: (all) => `leads ${all} to no pod of the stack; it was ${names(from.to)}`,
      },
    ];
  if (to.cutOff === true && from.cutOff !== true)
    return [
      {
        ...{ ...common, level: "stop", mark: "cut off" },
        text: (all) => `leads ${all} to ${names(to.to)}, where no NetworkPolicy lets it in: requests end there`,
      },
    ];
  return names(from.to) === names(to.to)
    ? []
    : [
        {
          ...{ ...common, level: "look", mark: "another workload" },
          text: (all) => `leads ${all} to ${names(to.to)} instead of ${names(from.to)}`,
        },
      ];
}

/** The entry that answers a path: the one with the longest prefix (Gateway API, HTTPRouteMatch). */
function answering(entries: readonly Entry[], path: string | undefined): Entry | undefined {
  if (path === undefined) return entries[0];
  const isBelow = (prefix: string) => path === prefix || path.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`);
  return entries
    .filter((one) => one.path === undefined || isBelow(one.path))
    .toSorted((a, b) => (b.path ?? "").length - (a.path ?? "").length)[0];
}

function names(links: readonly Link[]): string {
  return links
    .map(({ label }) => label)
    .toSorted()
    .join(" and ");
}
