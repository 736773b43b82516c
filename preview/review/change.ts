/** What an update does to one resource. */
import type { Resource } from "../../graph/resource.ts";

export interface FieldChange {
  /** `spec.template.spec.containers[0].image`; of an option of the resource, `(protect)`. */
  readonly path: string;
  /** Absent when it is added or removed. */
  readonly before?: unknown;
  readonly after?: unknown;
  /** Whether it makes a new resource. */
  readonly replaces: boolean;
}

export interface Change {
  /** `options`: only what the engine may do with it later changes, and the engine says nothing of it. */
  readonly operation: "create" | "update" | "replace" | "delete" | "options";
  /** As it will be; for a deletion, as it was. */
  readonly resource: Resource;
  /** Of updates, replacements and options. */
  readonly fields: readonly FieldChange[];
  /**
   * What becomes of data, where some is at stake: refused by protection, kept at the provider, lost, or no longer protected, so
   * that a later update may lose it.
   */
  readonly data: "refused" | "kept" | "lost" | "unprotected" | undefined;
  /** Why the provider would refuse it in the middle of the update. */
  readonly impossible?: string;
}

/** Whether it must not pass unseen. */
export function isDangerous({ data, impossible }: Change): boolean {
  return data === "lost" || data === "unprotected" || impossible !== undefined;
}
