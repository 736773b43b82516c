import type { Stack } from "../graph/stack.ts";
import type { Resource } from "../graph/resource.ts";

/** A policy on the resources of a stack. */
export interface Rule {
  /** Name by which waivers and reports refer to the rule: `volumes-retained`. */
  readonly name: string;
  /** A violation of a `mandatory` rule stops an update and fails a check; one of an `advisory` rule is only reported. */
  readonly level: "mandatory" | "advisory";
  /** What must be true, in one sentence. */
  readonly description: string;
  /** What goes wrong otherwise. */
  readonly why: string;
  /** Settings or code that satisfy the rule. */
  readonly example: string;
  /** Finds the resources that break the rule. */
  readonly check: (stack: Stack) => Violation[];
}

/** A resource that breaks a rule. */
export interface Violation {
  readonly resource: Resource;
  /** The rest of a sentence that begins with the resource: `is not protected`. Never has a value that may be secret. */
  readonly message: string;
}

/** One violation for each resource for which `problem` returns a message. */
export function each(
  resources: readonly Resource[],
  problem: (resource: Resource) => string | undefined | false,
): Violation[] {
  return resources.flatMap((resource) => {
    const message = problem(resource);
    return typeof message === "string" ? [{ resource, message }] : [];
  });
}
