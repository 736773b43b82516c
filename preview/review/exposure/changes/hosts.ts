/** Hosts that are new or gone, and what changes for those that stay. Pure. */
import { isEncrypted, type Certificate, type Entry, type Exposure } from "../entry.ts";
import { isPublic, sourcesChange, sourcesText } from "../sources.ts";
import { newAddress, untilFollowed } from "./fronts.ts";
import { byHost, listed, stays, type Comparison, type Fact } from "./change.ts";

/** What changes for hosts whose front does not explain it. */
export function hostFacts(comparison: Comparison, explained: ReadonlySet<string>): Fact[] {
  const [old, now] = [byHost(comparison.old), byHost(comparison.now)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((host) => {
    const [before, after] = [old.get(host), now.get(host)];
    if (before === undefined) return newFacts(comparison, host, after ?? []);
    if (after === undefined) return explained.has(host) ? [] : goneFacts(comparison, host, before);
    return [
      ...(explained.has(host) ? [] : moveFacts(host, before, after)),
      ...tlsFacts(host, before, after),
      ...certificateFacts(host, before, after),
      ...dnsFacts(host, before, after),
      ...sourceFacts(host, before, after),
      ...portFacts(host, before, after),
      ...hiddenFacts(host, comparison.old, comparison.now, after),
    ];
  });
}

function newFacts({ old }: Comparison, host: string, entries: readonly Entry[]): Fact[] {
  const open = entries.filter(({ from }) => isPublic(from));
  const [first] = open;
  if (first === undefined) return [];
  const isNewFront = !old.entries.some(({ front }) => front.id === first.front.id);
  const how = [
    open.every(isEncrypted) ? first.protocol : "without TLS",
    ...(first.certificate?.issuer === undefined ? [] : [`certificate from ${first.certificate.issuer}`]),
    `from ${sourcesText(first.from)}`,
    ...(first.dns === undefined ? ["no DNS record of the stack's"] : []),
  ];
  return [
    {
      ...{ cause: isNewFront ? first.front.id : first.owner, level: "look", mark: "new", what: host },
      ...{ resource: isNewFront ? (first.front.by ?? first.by) : first.by, entries: open.map(({ id }) => id) },
      text: (what, count) =>
        `opens ${what} to the internet, which ${count === 1 ? "is" : "are"} new: ${how.join(", ")}`,
    },
  ];
}

function goneFacts({ after }: Comparison, host: string, entries: readonly Entry[]): Fact[] {
  return entries.slice(0, 1).map(({ owner, by }) => ({
    ...{ cause: owner, level: "stop", mark: "gone", what: host, resource: by, entries: entries.map(({ id }) => id) },
    text: (what, count) => {
      const reached = `${count === 1 ? "it" : "they"} can no longer be reached`;
      return stays(by, after) ? `no longer serves ${what}: ${reached}` : `is removed with ${what}: ${reached}`;
    },
  }));
}

/** A host that moves to another load balancer, while the old one stays for others. */
function moveFacts(host: string, before: readonly Entry[], after: readonly Entry[]): Fact[] {
  const [old, now] = [before[0], after[0]];
  if (old === undefined || now === undefined || old.front.id === now.front.id) return [];
  return [
    {
      ...{ cause: now.owner, what: host, resource: now.by, entries: after.map(({ id }) => id), ...newAddress(now) },
      text: (what) =>
        `takes ${what} from the ${old.front.text} to the ${now.front.text}, which has another address${untilFollowed(now)}`,
    },
  ];
}

function tlsFacts(host: string, before: readonly Entry[], after: readonly Entry[]): Fact[] {
  // Without pods nobody knows whether they would speak TLS.
  const open = after.filter((one) => !isEncrypted(one) && one.to.length > 0);
  const [first] = open;
  const lost = before.every(isEncrypted) && first !== undefined;
  const unredirected = before.some((one) => one.redirectsHttp) && !after.some((one) => one.redirectsHttp);
  const common = { what: host, level: "stop", mark: "without TLS", cause: first?.owner ?? "" } as const;
  if (lost)
    return [
      {
        ...{ ...common, resource: first.by, entries: open.map(({ id }) => id) },
        text: (what) => `answers ${what} without TLS: whoever is in between reads and changes everything`,
      },
    ];
  return unredirected
    ? after.slice(0, 1).map(({ owner, by }) => ({
        ...{ cause: owner, what: host, level: "look", mark: "no redirect", resource: by },
        entries: after.map(({ id }) => id),
        text: (what) => `no longer redirects HTTP to HTTPS for ${what}`,
      }))
    : [];
}

function certificateFacts(host: string, before: readonly Entry[], after: readonly Entry[]): Fact[] {
  const old = before.find(({ certificate }) => certificate !== undefined)?.certificate;
  const entry = after.find(({ certificate }) => certificate !== undefined);
  const now = entry?.certificate;
  if (old === undefined || entry === undefined || now === undefined) return [];
  const common = { what: host, entries: after.map(({ id }) => id) };
  if (old.issuer !== undefined && now.issuer === undefined)
    return [
      {
        ...{ ...common, cause: entry.owner, level: "stop", mark: "no certificate", resource: entry.by },
        text: (what) => `has a certificate that nothing makes or renews for ${what}: ${now.kept}`,
      },
    ];
  if (old.issuedBy !== undefined && now.issuedBy === undefined && now.by !== undefined && now.by.urn === old.by?.urn)
    return [
      {
        ...{ ...common, cause: old.issuedBy.urn, level: "stop", mark: "no issuer", resource: old.issuedBy },
        text: (what) =>
          `is removed: nothing renews the certificates of ${what}, unless the cluster has another of its name`,
      },
    ];
  if (old.issuer !== now.issuer) return [issuerFact(old, now, entry, common)];
  // Only what an issuer is asked for is missing for a while; the stack's own certificates are there before the pods.
  if (old.kept === now.kept || now.issuedBy === undefined) return [];
  return [
    {
      ...{ ...common, cause: entry.owner, level: "look", mark: "another certificate", resource: now.by ?? entry.by },
      text: (what) => `brings a certificate under another name for ${what}: no browser connects until it is issued`,
    },
  ];
}

function issuerFact(old: Certificate, now: Certificate, entry: Entry, common: Pick<Fact, "what" | "entries">): Fact {
  const untrusted = now.trusted === false && old.trusted !== false;
  return {
    ...{ ...common, cause: `issuer ${now.issuer ?? ""}`, resource: now.issuedBy ?? now.by ?? entry.by },
    ...{ level: untrusted ? "stop" : "look", mark: untrusted ? "untrusted certificate" : "another issuer" },
    text: (what) =>
      `gives ${what} certificates from ${now.issuer ?? ""} instead of ${old.issuer ?? ""}` +
      (untrusted ? ": browsers refuse them" : ""),
  };
}

function dnsFacts(host: string, before: readonly Entry[], after: readonly Entry[]): Fact[] {
  const old = before.find(({ dns }) => dns !== undefined)?.dns;
  const [first] = after;
  if (old === undefined || first === undefined || after.some(({ dns }) => dns !== undefined)) return [];
  return [
    {
      ...{ cause: first.owner, level: "stop", mark: "no DNS record", what: host, resource: old },
      setting: "platform.domains",
      entries: after.map(({ id }) => id),
      text: (what, count) =>
        `is removed: nobody finds ${what} until you write ${count === 1 ? "a record" : "records"} of your own`,
    },
  ];
}

function sourceFacts(host: string, before: readonly Entry[], after: readonly Entry[]): Fact[] {
  const [old] = before;
  const [now] = after;
  if (old === undefined || now === undefined) return [];
  return sourcesFact(
    old,
    now,
    host,
    after.map(({ id }) => id),
  );
}

/**
 * Who may come changes. What was closed and is open to everybody is the worst of it.
 *
 * @param what host, or empty for what is its own name
 */
export function sourcesFact(old: Entry, now: Entry, what: string, entries: readonly string[]): Fact[] {
  const change = sourcesChange(old.from, now.from);
  // Of what only somebody else knows, a change is none that can be judged here.
  if (change === "same" || old.from.kind === "elsewhere") return [];
  if (old.from.kind === "anywhere" && now.from.kind === "elsewhere") return [];
  const [from, to] = [sourcesText(old.from), sourcesText(now.from)];
  const opened = old.from.kind !== "anywhere" && now.from.kind === "anywhere";
  const level = opened || (!isPublic(old.from) && isPublic(now.from)) ? "stop" : "look";
  const does = { wider: "lets more in", narrower: "lets fewer in", other: "lets others in" }[change];
  return [
    {
      ...{ cause: now.front.by === undefined ? now.owner : now.front.id, level, what, entries },
      ...{ mark: opened ? "open to all" : change === "narrower" ? "fewer may come" : "more may come" },
      resource: now.front.by ?? now.by,
      text: (all) =>
        `${opened ? "admits the whole internet" : does}${what === "" ? "" : ` to ${all}`} (${from} → ${to})`,
    },
  ];
}

function portFacts(host: string, before: readonly Entry[], after: readonly Entry[]): Fact[] {
  const ports = (entries: readonly Entry[]) => [...new Set(entries.flatMap(({ port }) => port ?? []))];
  const closed = ports(before).filter((port) => !ports(after).includes(port));
  const [first] = after;
  if (closed.length === 0 || first?.port === undefined) return [];
  // A host that loses its TLS is on another port too, which is said already.
  if (before.every(isEncrypted) && !after.every(isEncrypted)) return [];
  return [
    {
      ...{ cause: first.owner, level: "stop", mark: "another port", what: host, resource: first.by },
      entries: after.map(({ id }) => id),
      text: (what) =>
        `no longer answers ${what} on port ${listed(closed.map(String))}, but on ${listed(ports(after).map(String))}`,
    },
  ];
}

function hiddenFacts(host: string, old: Exposure, now: Exposure, after: readonly Entry[]): Fact[] {
  const hidden = (one: Exposure) => new Set(one.hidden.flatMap((some) => (some.host === host ? [some.path] : [])));
  const [before, still] = [hidden(old), hidden(now)];
  const [first] = after;
  if (first === undefined) return [];
  const fact = (path: string, shown: boolean): Fact => ({
    ...{ cause: first.owner, level: shown ? "stop" : "look", mark: shown ? `${path} shown` : `${path} hidden` },
    ...{ what: `${host}${path}`, resource: first.by, entries: after.map(({ id }) => id) },
    text: (what) => (shown ? `shows ${what} to everybody, which was hidden` : `hides ${what}, which was open`),
  });
  return [
    ...[...before].filter((path) => !still.has(path)).map((path) => fact(path, true)),
    ...[...still].filter((path) => !before.has(path)).map((path) => fact(path, false)),
  ];
}
