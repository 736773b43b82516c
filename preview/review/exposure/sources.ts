/** Who may connect, as far as addresses say it, and whether one answer admits more than another. Pure. */
import ipaddr from "ipaddr.js";

/** Who may connect. Blocks of addresses are in CIDR notation. */
export type Sources =
  /** Every address, except `denied`. */
  | { readonly kind: "anywhere"; readonly denied: readonly string[] }
  /** Blocks of addresses, except `denied`. */
  | { readonly kind: "ranges"; readonly allowed: readonly string[]; readonly denied: readonly string[] }
  /** Nobody on the internet: `only the VPC`, `only the cluster`. */
  | { readonly kind: "private"; readonly text: string }
  /** Something that is not in the stack decides: `as the controller of class nginx says`. */
  | { readonly kind: "elsewhere"; readonly text: string };

const everything = ["0.0.0.0/0", "::/0"];

/** Sources from lists of blocks, where no block means everybody. */
export function sourcesOf(allowed: readonly string[], denied: readonly string[] = []): Sources {
  const open = allowed.length === 0 || allowed.some((block) => covers([block], "0.0.0.0/0"));
  return open ? { kind: "anywhere", denied } : { kind: "ranges", allowed, denied };
}

/** Whether someone on the internet may connect, or nobody here knows that nobody may. */
export function isPublic({ kind }: Sources): boolean {
  return kind !== "private";
}

/** Text for people: `anywhere`, `203.0.113.0/24`, `only the VPC`. */
export function sourcesText(sources: Sources): string {
  if (sources.kind === "private" || sources.kind === "elsewhere") return sources.text;
  const allowed = sources.kind === "anywhere" ? "anywhere" : listed(sources.allowed);
  return sources.denied.length === 0 ? allowed : `${allowed} but ${listed(sources.denied)}`;
}

function listed(blocks: readonly string[], most = 3): string {
  return blocks.length <= most
    ? blocks.join(", ")
    : `${blocks.slice(0, most).join(", ")} and ${blocks.length - most} more`;
}

/** How who may connect changes: more, fewer, some others in the place of some, or nobody else. */
export function sourcesChange(before: Sources, after: Sources): "wider" | "narrower" | "other" | "same" {
  if (before.kind === "elsewhere" || after.kind === "elsewhere")
    return sourcesText(before) === sourcesText(after) ? "same" : "other";
  const more = admitsMore(before, after);
  const fewer = admitsMore(after, before);
  return more ? (fewer ? "other" : "wider") : fewer ? "narrower" : "same";
}

/** Whether some address may connect after, that could not before. */
function admitsMore(before: Sources, after: Sources): boolean {
  const [allowed, denied] = [before, after].map((one) => allowedBy(one)) as [readonly string[], readonly string[]];
  const [blocked, stillBlocked] = [before, after].map((one) => ("denied" in one ? one.denied : []));
  const admitted = denied.some((block) => !covers(allowed, block));
  const unblocked = (blocked ?? []).some((block) => !covers(stillBlocked ?? [], block) && covers(denied, block));
  return admitted || unblocked;
}

function allowedBy(sources: Sources): readonly string[] {
  return sources.kind === "anywhere" ? everything : sources.kind === "ranges" ? sources.allowed : [];
}

interface Interval {
  readonly bits: 32 | 128;
  readonly first: bigint;
  readonly last: bigint;
}

/** The addresses of a block; undefined if the text is none. An address alone is a block of one. */
function intervalOf(text: string): Interval | undefined {
  if (!ipaddr.isValid(text) && !ipaddr.isValidCIDR(text)) return undefined;
  const [address, prefix] = ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : [ipaddr.parse(text), undefined];
  const bits = address.kind() === "ipv4" ? 32 : 128;
  const size = 1n << BigInt(bits - (prefix ?? bits));
  const value = address.toByteArray().reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const first = value - (value % size);
  return { bits, first, last: first + size - 1n };
}

/** Whether every address of a block is in some of the others. What is no block covers only the same text. */
export function covers(blocks: readonly string[], block: string): boolean {
  const inner = intervalOf(block);
  if (inner === undefined) return blocks.includes(block);
  const outer = blocks
    .flatMap((one) => intervalOf(one) ?? [])
    .filter(({ bits }) => bits === inner.bits)
    .toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  let next = inner.first;
  for (const { first, last } of outer) {
    if (first > next) break;
    if (last >= next) next = last + 1n;
  }
  return next > inner.last;
}
