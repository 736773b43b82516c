/** Load balancers, Gateways and controllers that go, are replaced, or hand their hosts to others. Pure. */
import { kindOf, label } from "../../../../graph/resource.ts";
import { hostsOf, type Entry, type Front } from "../entry.ts";
import { byHost, listed, stays, type Comparison, type Fact } from "./change.ts";

/** What happens to fronts, and the hosts that are explained by it. */
export function frontFacts(comparison: Comparison): { facts: Fact[]; explained: ReadonlySet<string> } {
  const { old, now } = comparison;
  const left = new Set(now.entries.map(({ front }) => front.id));
  const fronts = [...Map.groupBy(old.entries, ({ front }) => front.id).values()];
  const gone = fronts.filter(([first]) => first !== undefined && !left.has(first.front.id));
  const facts = fronts.flatMap((entries) =>
    gone.includes(entries) ? goneFacts(comparison, entries) : replacedFacts(comparison, entries),
  );
  return { facts, explained: new Set(gone.flatMap(hostsOf)) };
}

/** A front that is no more: its hosts are gone with it, or another one has them. */
function goneFacts({ now, after }: Comparison, entries: readonly Entry[]): Fact[] {
  const hosts = byHost(now);
  return hostsOf(entries).flatMap((host): Fact[] => {
    const own = entries.filter((one) => one.host === host);
    const [first] = own;
    if (first === undefined) return [];
    const { front, by } = first;
    const common = { cause: front.id, resource: front.by ?? by, what: host, entries: own.map(({ id }) => id) };
    const does = front.by === undefined ? `leaves the ${front.text}` : lossOf(front, stays(front.by, after));
    const [next] = hosts.get(host) ?? [];
    if (next === undefined)
      return [
        {
          ...{ ...common, level: "stop", mark: "gone" },
          text: (what, count) =>
            count === 1
              ? `${does}: ${what} can no longer be reached`
              : `${does}: ${count} hosts can no longer be reached: ${what}`,
        },
      ];
    const text = (what: string, count: number) =>
      `${does}: ${what} ${count === 1 ? "moves" : "move"} to the ${next.front.text}, which has another address${untilFollowed(next)}`;
    return [{ ...common, ...newAddress(next), text }];
  });
}

function lossOf({ kind }: Front, isThere: boolean): string {
  if (!isThere) return "is removed";
  return kind === "balancer" ? "has no load balancer any more" : "serves no host any more";
}

/** How serious another address is: records of the stack follow it, those of others do not. */
export function newAddress({ dns, host = "its clients" }: Entry): Pick<Fact, "level" | "mark" | "fix"> {
  const mark = "another address";
  return dns === undefined
    ? { mark, level: "stop", fix: `the stack writes no DNS record for ${host}: point yours at the new address` }
    : { mark, level: "look" };
}

/** The end of a sentence about another address: for how long clients may still use the old one. */
export function untilFollowed({ dns }: Entry): string {
  return dns === undefined ? "" : `; resolvers keep the old one for up to ${dns.ttl} s`;
}

/** A front that is made anew under its old name: its load balancer is another one, with another address. */
function replacedFacts({ now, replaced }: Comparison, entries: readonly Entry[]): Fact[] {
  return entries.flatMap((old): Fact[] => {
    const entry = now.entries.find(({ id }) => id === old.id);
    const { front } = old;
    const change = front.madeOf.map((urn) => replaced.get(urn)).find((one) => one !== undefined);
    if (change === undefined || front.by === undefined || entry === undefined) return [];
    const because = change.fields.filter(({ replaces }) => replaces).map(({ path }) => path);
    // Whatever is replaced together with its cluster has one cause.
    const cluster = because.includes("(provider)")
      ? [...replaced.values()].find(({ resource }) => kindOf(resource) === "KubernetesCluster")?.resource
      : undefined;
    return [
      {
        cause: cluster?.urn ?? front.id,
        resource: cluster === undefined ? front.by : { urn: cluster.urn, label: label(cluster) },
        ...{ what: entry.host ?? front.text, entries: [entry.id], ...newAddress(entry) },
        ...(cluster === undefined && because.length > 0 && { reason: listed(because) }),
        text: (what, count) =>
          `is replaced: ${what} ${count === 1 ? "gets" : "get"} another address${untilFollowed(entry)}`,
      },
    ];
  });
}
