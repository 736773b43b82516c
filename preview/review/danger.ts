/** What a reviewer must see before a merge: the lines at the top of every report. */
import { label, type Resource } from "../../graph/resource.ts";

/** Something that an update would take away, or that stops it. */
export interface Danger {
  /** What is in danger. `--fail-on-<kind>` ends a preview for it; `--fail-on-data-loss` is for `data`, and for serious losses of `protection`. */
  readonly kind: "data" | "protection" | "exposure" | "availability" | "capacity" | "policy";
  /**
   * `stop` if something is lost, never works, or the update is refused; `look` if it may be meant: a short gap, a host
   * that is new on the internet.
   */
  readonly level: "stop" | "look";
  /** URN of the resource. */
  readonly urn: string;
  /** Kind and name: `Deployment gx/svc-identity`. */
  readonly resource: string;
  /** What happens, as the rest of a sentence that begins with the resource: `is away while it is updated, about 40 s`. */
  readonly text: string;
  /** What is to blame: a field with its values, a setting, a rule. No full stop. */
  readonly reason?: string;
  /** What to do instead, or first; a command, a setting with its value. */
  readonly fix?: string;
  /** Setting to look at: `platform.pools.general.size`, `gx.workloads.svc-identity.strategy`. */
  readonly setting?: string;
  /** Page of the documentation that helps: `docs/runbooks/volumes.md`. */
  readonly page?: string;
}

/** Dangers with the most serious first, each kind together, in the order of resources. */
export function sorted(dangers: readonly Danger[]): Danger[] {
  const kinds: readonly Danger["kind"][] = ["data", "protection", "policy", "exposure", "availability", "capacity"];
  return dangers.toSorted(
    (a, b) =>
      Number(a.level === "look") - Number(b.level === "look") ||
      kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
      (a.resource < b.resource ? -1 : a.resource > b.resource ? 1 : 0),
  );
}

/** The two fields of a danger that name a resource. */
export function about(resource: Resource): Pick<Danger, "urn" | "resource"> {
  return { urn: resource.urn, resource: label(resource) };
}
