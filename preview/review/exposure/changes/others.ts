/** What has no host: load balancers by their address, ports of nodes, buckets, managed databases, API servers. Pure. */
import type { Entry } from "../entry.ts";
import { isPublic, sourcesText } from "../sources.ts";
import { sourcesFact } from "./hosts.ts";
import { stays, type Comparison, type Fact } from "./change.ts";

/** What changes for everything that has no host. */
export function otherFacts({ old, now, after }: Comparison): Fact[] {
  const without = ({ host }: Entry) => host === undefined;
  const [before, others] = [old, now].map(
    ({ entries }) => new Map(entries.filter(without).map((one) => [one.id, one])),
  );
  const fronts = new Set(old.entries.map(({ front }) => front.id));
  const left = new Set(now.entries.map(({ front }) => front.id));
  const known = (entry: Entry, some: ReadonlySet<string>) => entry.kind === "balancer" && some.has(entry.front.id);
  return [
    ...[...(before ?? [])].flatMap(([id, entry]) => {
      const next = others?.get(id);
      if (next !== undefined) return changed(entry, next);
      return known(entry, left) ? [] : gone(entry, stays(entry.by, after));
    }),
    ...[...(others ?? [])].flatMap(([id, entry]) =>
      before?.has(id) === true || known(entry, fronts) ? [] : opened(entry),
    ),
  ];
}

function fact(
  entry: Entry,
  rest: Pick<Fact, "level" | "mark"> & { readonly says: string; readonly reason?: string },
): Fact {
  const { says, ...own } = rest;
  return { ...own, cause: entry.id, what: entry.id, resource: entry.by, entries: [entry.id], text: () => says };
}

/** Something that can no longer be reached. That a database or a cluster goes is said where data is lost. */
function gone(entry: Entry, isThere: boolean): Fact[] {
  if (!isPublic(entry.from)) return [];
  switch (entry.kind) {
    case "balancer":
      return [
        fact(entry, {
          ...{ level: "stop", mark: "gone" },
          says: `${isThere ? "has no load balancer any more" : "is removed"}: nobody outside of the cluster reaches it on port ${entry.port ?? ""}`,
        }),
      ];
    case "node-port":
      return [fact(entry, { level: "look", mark: "gone", says: `closes port ${entry.port ?? ""} of the nodes` })];
    case "bucket":
      return isThere ? [fact(entry, { level: "look", mark: "gone", says: "is no longer public" })] : [];
    case "host":
    case "database":
    case "api-server":
      return [];
  }
}

function opened(entry: Entry): Fact[] {
  if (!isPublic(entry.from)) return [];
  const from = `from ${sourcesText(entry.from)}`;
  switch (entry.kind) {
    case "balancer":
      return [
        fact(entry, {
          level: "look",
          mark: "new",
          says: `opens a load balancer to the internet on port ${entry.port ?? ""}, ${from}`,
        }),
      ];
    case "node-port":
      return [
        fact(entry, { level: "look", mark: "new", says: `opens port ${entry.port ?? ""} on every node, ${from}` }),
      ];
    case "bucket":
      return [fact(entry, { level: "stop", mark: "public", says: "is public: everybody may list and read it" })];
    case "database":
      return [
        entry.from.kind === "anywhere"
          ? fact(entry, {
              level: "stop",
              mark: "new",
              says: "is open to the whole internet, behind nothing but a password",
            })
          : fact(entry, { level: "look", mark: "new", says: `can be reached ${from}` }),
      ];
    case "host":
    case "api-server":
      return [];
  }
}

function changed(old: Entry, now: Entry): Fact[] {
  return sourcesFact(old, now, now.kind === "api-server" ? "its API server" : "", [now.id]);
}
