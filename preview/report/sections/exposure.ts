/** Who can reach what from outside of the cluster, as a section. Pure. */
import type { ExposureChange } from "../../review/exposure/changes/change.ts";
import { addressOf, hostsOf, isEncrypted, type Entry, type Exposure } from "../../review/exposure/entry.ts";
import { isPublic, sourcesText } from "../../review/exposure/sources.ts";
import type { Cell, Item, Section, Tone } from "../section.ts";
import { count } from "../words.ts";

/** Authorities that people know by another name than that of their server. */
const wellKnown = new Map([
  ["acme-v02.api.letsencrypt.org", "Let's Encrypt"],
  ["acme-staging-v02.api.letsencrypt.org", "Let's Encrypt, staging"],
]);

/** What changes, and what was there before. */
interface ChangedFrom {
  readonly before: Exposure;
  readonly changes: readonly ExposureChange[];
}

/**
 * The section: a row for each address with what it leads to, and an item for each change.
 *
 * @param change @default - no comparison
 */
export function exposureSection(now: Exposure, change?: ChangedFrom): Section {
  const head = ["address", "leads to", "port", "certificate", "DNS", "load balancer", "who may come"];
  const there = new Set(now.entries.map(({ id }) => id));
  const gone = change?.before.entries.filter(({ id, from }) => !there.has(id) && isPublic(from)) ?? [];
  const marks = (ids: readonly string[]) =>
    change?.changes.filter(({ entries }) => entries.some((id) => ids.includes(id))) ?? [];
  const rows = [
    ...merged(now.entries).map((entries) => row(entries, marks(entries.map(({ id }) => id)))),
    ...now.hidden.map(({ host, path, by }): (string | Cell)[] => [
      { text: `${host}${path}`, tone: "faint", urn: by.urn },
      { text: "nobody: the edge refuses it", tone: "faint" },
      ...["", "", "", "", ""],
    ]),
    ...merged(gone).map((entries) => row(entries, marks(entries.map(({ id }) => id)), "gone")),
  ];
  const withChange = change !== undefined && change.changes.length > 0;
  return {
    ...{ id: "exposure", title: "Exposure", verdict: verdict(now, change) },
    note: "who may come is what load balancers and firewalls let through; Services that charts make are not among them",
    items: (change?.changes ?? []).map(item),
    // Here the items say what changes; where nothing does, the table is what a reader came for.
    folded: change !== undefined,
    ...(rows.length > 0 && {
      table: {
        head: withChange ? [...head, "change"] : head,
        rows: rows.map((cells) => (withChange ? cells : cells.slice(0, head.length))),
      },
    }),
  };
}

/** Paths of a host that lead to the same pods are in one row. */
function merged(entries: readonly Entry[]): (readonly Entry[])[] {
  const key = ({ id, host, path, port, to, by }: Entry) =>
    host === undefined || path === undefined ? id : [host, port, by.urn, ...to.map(({ urn }) => urn)].join("\n");
  return [...Map.groupBy(entries, key).values()];
}

function row(entries: readonly Entry[], changes: readonly ExposureChange[], state?: "gone"): (string | Cell)[] {
  const [first] = entries as readonly [Entry];
  const paths = entries.slice(1).flatMap(({ path }) => path ?? []);
  const tone: Tone = state === "gone" ? "bad" : isPublic(first.from) ? "plain" : "faint";
  const marks = [...new Set(changes.map(({ mark }) => mark))];
  return [
    { text: [addressOf(first), ...paths].join(", "), tone, urn: first.by.urn },
    leadsTo(first),
    `${first.port ?? ""}${first.redirectsHttp ? " and 80" : ""}`,
    certificateCell(first),
    dnsCell(first),
    // The head of the column says what it is; its namespace says nothing more.
    {
      text: first.front.text.replace(/^load balancer of (\S+) (?:\S+\/)?/, "$1 "),
      ...(first.front.by !== undefined && { urn: first.front.by.urn }),
    },
    { text: sourcesText(first.from), tone: isPublic(first.from) ? "plain" : "faint" },
    { text: marks.join(", "), tone: changes.some(({ level }) => level === "stop") ? "bad" : "warn" },
  ];
}

function leadsTo({ to, kind }: Entry): Cell {
  const [first] = to;
  if (first === undefined) return { text: "no pod of the stack", tone: "bad" };
  if (kind === "api-server") return { text: "whoever has credentials", urn: first.urn };
  return { text: to.map(({ label }) => label.replace(/^Deployment /, "")).join(", "), urn: first.urn };
}

function certificateCell(entry: Entry): Cell {
  const { certificate, front, from } = entry;
  if (front.kind === "digitalocean") return { text: "DigitalOcean's", tone: "faint" };
  if (certificate === undefined)
    return isEncrypted(entry)
      ? { text: "not known", tone: "warn" }
      : { text: entry.protocol === "HTTP" ? "none: clear text" : "none", tone: isPublic(from) ? "bad" : "faint" };
  const { by, issuer, trusted } = certificate;
  return {
    text: wellKnown.get(issuer ?? "") ?? issuer ?? `nothing makes ${certificate.kept}`,
    tone: issuer === undefined ? "bad" : trusted === false ? "warn" : "plain",
    ...(by !== undefined && { urn: by.urn }),
  };
}

function dnsCell({ host, dns }: Entry): Cell {
  if (host === undefined) return { text: "" };
  return dns === undefined
    ? { text: "yours to write", tone: "warn" }
    : { text: `${dns.type}, ${dns.ttl} s`, urn: dns.urn };
}

function item({ level, resource, text, reason, fix, setting }: ExposureChange): Item {
  return {
    ...{
      tone: level === "stop" ? "bad" : "warn",
      resource,
      text: reason === undefined ? text : `${text}, because of ${reason}`,
    },
    ...(fix !== undefined && { fix }),
    ...(setting !== undefined && { setting }),
  };
}

function verdict(now: Exposure, change: ChangedFrom | undefined): Section["verdict"] {
  if (change === undefined || change.changes.length === 0) {
    return {
      text: change === undefined ? whole(now) : `unchanged: ${whole(now)}`,
      tone: change === undefined ? "plain" : "good",
    };
  }
  const [before, after] = [change.before, now].map((one) => publicHosts(one)) as [string[], string[]];
  const added = after.filter((host) => !before.includes(host)).length;
  const gone = before.filter((host) => !after.includes(host)).length;
  const others = change.changes.filter(({ mark }) => mark !== "new" && mark !== "gone").length;
  const parts = [
    ...(added > 0 ? [`${count(added, "host")} ${added === 1 ? "is" : "are"} new`] : []),
    ...(gone > 0 ? [`${count(gone, "host")} ${gone === 1 ? "is" : "are"} gone`] : []),
    ...(others > 0 || added + gone === 0 ? [count(added + gone === 0 ? change.changes.length : others, "change")] : []),
  ];
  return { text: parts.join(", "), tone: change.changes.some(({ level }) => level === "stop") ? "bad" : "warn" };
}

function whole(now: Exposure): string {
  const open = now.entries.filter(({ from, kind }) => isPublic(from) && kind !== "api-server");
  if (open.length === 0) return "nothing is public";
  const served = publicHosts(now).length;
  const fronts = new Set(open.filter(({ front }) => front.kind !== "digitalocean").map(({ front }) => front.id)).size;
  const others = open.filter(({ kind }) => kind === "bucket" || kind === "database").length;
  const from = [...new Set(open.map((one) => sourcesText(one.from)))];
  return [
    ...(served > 0 || fronts > 0 ? [`${count(served, "host")} on ${count(fronts, "load balancer")}`] : []),
    ...(others > 0 ? [`${others} public ${others === 1 ? "database or bucket" : "databases or buckets"}`] : []),
    from.length === 1 ? `from ${from[0] ?? ""}` : "from different places",
  ].join(", ");
}

function publicHosts({ entries }: Exposure): string[] {
  return hostsOf(entries.filter(({ from }) => isPublic(from)));
}
