/** A change of what can be reached from outside of the cluster. Pure. */
import { label } from "../../../../graph/resource.ts";
import type { ByUrn } from "../../../../graph/stack.ts";
import type { Change } from "../../change.ts";
import type { Danger } from "../../danger.ts";
import { reachSetting } from "../../setting.ts";
import type { Entry, Exposure, Link } from "../entry.ts";

/** One change with one cause, however many hosts it concerns. */
export interface ExposureChange extends Pick<Danger, "level" | "text" | "reason" | "fix" | "setting"> {
  /** The resource that is to blame, or that the hosts belong to. */
  readonly resource: Link;
  /** One or two words for a table: `new`, `gone`, `without TLS`. */
  readonly mark: string;
  /** Ids of the entries that it concerns. */
  readonly entries: readonly string[];
}

/** Both revisions, and what the update does to the resources. */
export interface Comparison {
  readonly old: Exposure;
  readonly now: Exposure;
  readonly before: ByUrn;
  readonly after: ByUrn;
  /** What is replaced, by URN. */
  readonly replaced: ReadonlyMap<string, Change>;
}

/** What happens to one entry or host; facts with the same cause and words are said together. */
export interface Fact {
  /** What facts that are said together have in common: URN of the owner of a route, a load balancer. */
  readonly cause: string;
  readonly level: Danger["level"];
  readonly resource: Link;
  /** What it happens to, as the sentence names it: a host, an address. */
  readonly what: string;
  /** The sentence, from all that it happens to. */
  readonly text: (what: string, count: number) => string;
  readonly mark: string;
  readonly entries: readonly string[];
  readonly reason?: string | undefined;
  readonly fix?: string | undefined;
  /** @default - the setting that says how the resource's system is reached */
  readonly setting?: string | undefined;
}

/** Says facts with the same cause and words together. */
export function together(facts: readonly Fact[], { before, after }: Comparison): ExposureChange[] {
  const groups = Map.groupBy(facts, ({ cause, mark, text, level }) => [cause, mark, text("", 1), level].join("\n"));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const what = [...new Set(group.map((one) => one.what))];
    const [reason, fix] = [group.find((one) => one.reason)?.reason, group.find((one) => one.fix)?.fix];
    const resource = commonResource(group, before, after);
    const [found, all] = after.has(resource.urn)
      ? [after.get(resource.urn), after]
      : [before.get(resource.urn), before];
    const setting = first.setting ?? (found && reachSetting(found, all));
    return {
      ...{ level: first.level, mark: first.mark, resource, text: first.text(listed(what), what.length) },
      entries: group.flatMap(({ entries }) => entries),
      ...(reason !== undefined && { reason }),
      ...(fix !== undefined && { fix }),
      ...(setting !== undefined && { setting }),
    };
  });
}

/** The resource of all facts; if they have several, the component that these belong to. */
function commonResource(group: readonly Fact[], before: ByUrn, after: ByUrn): Link {
  const [first] = group as readonly [Fact];
  if (group.every(({ resource }) => resource.urn === first.resource.urn)) return first.resource;
  const component = after.get(first.cause) ?? before.get(first.cause);
  return component === undefined ? first.resource : { urn: component.urn, label: label(component) };
}

/** Names in a sentence: `a, b and c`; of more than eight, eight and how many more. */
export function listed(names: readonly string[], most = 8): string {
  if (names.length > most) return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}

/** Whether the stack still has a resource under its name, such as a Service that is no load balancer any more. */
export function stays({ label: name }: Link, after: ByUrn): boolean {
  return [...after.values()].some((one) => label(one) === name);
}

/** Entries by host. */
export function byHost({ entries }: Exposure): ReadonlyMap<string, readonly Entry[]> {
  const hosts = Map.groupBy(entries, ({ host }) => host);
  return new Map([...hosts].flatMap(([host, own]) => (host === undefined ? [] : [[host, own] as const])));
}
