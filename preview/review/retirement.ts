/** Systems that a change takes away by their key, though the engine refuses to delete their data. Pure. */
import { label, type Resource } from "../../graph/resource.ts";
import { byUrn, topOf } from "../../graph/stack.ts";
import type { Change } from "./change.ts";
import type { Danger } from "./danger.ts";
import { settingsKey } from "./setting.ts";

/** What the engine would say one by one of a system, in one line. */
export interface Refused {
  readonly danger: Danger;
  /** URNs of the resources that are refused. */
  readonly urns: ReadonlySet<string>;
}

const mostNamed = 3;
const page = "docs/runbooks/retire.md";

/** One refusal for each system whose key is removed while something of it is protected. */
export function refusedRemovals(
  changes: readonly Change[],
  before: readonly Resource[],
  after: readonly Resource[],
): Refused[] {
  const [old, now] = [byUrn(before), byUrn(after)];
  const deleted = changes.filter(({ operation, resource }) => operation === "delete" && resource.protect);
  const bySystem = Map.groupBy(deleted, ({ resource }) => topOf(resource, old));
  return [...bySystem].flatMap(([system, own]) => {
    const key = settingsKey(system, old);
    if (key === undefined || key === "platform" || now.has(system.urn)) return [];
    const names = own.map(({ resource }) => label(resource));
    const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : "";
    const isRetired = system.inputs["retired"] !== undefined;
    const danger: Danger = {
      ...{ kind: "data", level: "stop", urn: system.urn, resource: system.name, page },
      text: `is removed, and its data is protected, so that the update is refused: ${names.slice(0, mostNamed).join(", ")}${more}`,
      fix: isRetired
        ? `keep the key until its data is given up, by ${key}.retired: {dataGoes: ${key}} after a last dump`
        : `keep the key, with ${key}.retired: true, which takes away all of it but its data`,
    };
    return [{ danger, urns: new Set(own.map(({ resource }) => resource.urn)) }];
  });
}
