/** What an update does to one resource. */
import type { Resource } from "../../graph/resource.ts";

/** A field of a resource that changes. */
export interface FieldChange {
  /** Path into the inputs, `spec.template.spec.containers[api].image`; for a resource option, `(protect)`. */
  readonly path: string;
  /** The old value; no key if the field is new. */
  readonly before?: unknown;
  /** The new value; no key if the field is removed. */
  readonly after?: unknown;
  /** Whether the provider replaces the resource because of this field. */
  readonly replaces: boolean;
}

/** A resource that changes. */
export interface Change {
  /** `options` if only resource options change, such as `protect`; the engine's own preview does not show that. */
  readonly operation: "create" | "update" | "replace" | "delete" | "options";
  /** The resource after the update; for a deletion, before it. */
  readonly resource: Resource;
  /** Fields that change; empty for a creation or a deletion. */
  readonly fields: readonly FieldChange[];
  /**
   * What happens to data: the engine refuses the change because the resource is protected, the data is kept at the
   * provider, it is lost, or the resource loses its protection, so that a later update may lose the data. Undefined if
   * no data is at risk.
   */
  readonly data: "refused" | "kept" | "lost" | "unprotected" | undefined;
  /** Why the provider would refuse the change in the middle of the update; no key if it would not. */
  readonly impossible?: string;
}

/** Whether a change loses data, now or later, or will be refused. */
export function isDangerous({ data, impossible }: Change): boolean {
  return data === "lost" || data === "unprotected" || impossible !== undefined;
}

/** Whether the resource is deleted, alone or to be made anew. */
export function isGone(change: Change | undefined): change is Change {
  return change?.operation === "delete" || change?.operation === "replace";
}
