import type { Stack } from "../graph/stack.ts";
import type { Resource } from "../graph/resource.ts";

/** One thing that must hold. */
export interface Rule {
  /** `volumes-retained` */
  readonly name: string;
  /** `mandatory` stops an update and fails a check; `advisory` is only said. */
  readonly level: "mandatory" | "advisory";
  /** What must hold, in one sentence. */
  readonly description: string;
  /** What goes wrong without it. */
  readonly why: string;
  /** What satisfies it. */
  readonly example: string;
  readonly check: (stack: Stack) => Violation[];
}

export interface Violation {
  readonly resource: Resource;
  /** What is wrong, without a value that may be secret. */
  readonly message: string;
}

/** A violation of each resource for which `problem` has something to say. */
export function each(
  resources: readonly Resource[],
  problem: (resource: Resource) => string | undefined | false,
): Violation[] {
  return resources.flatMap((resource) => {
    const message = problem(resource);
    return typeof message === "string" ? [{ resource, message }] : [];
  });
}
