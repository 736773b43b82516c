/** How what one stack renders differs from what another one does. Pure. */
import { maskedResources } from "../../graph/masking.ts";
import type { Graph, Resource } from "../../graph/resource.ts";
import type { Change } from "./change.ts";
import { difference } from "./difference.ts";

/**
 * What leads from one stack to another, each resource taken for its namesake: what is only in the first is a deletion, what
 * is only in the other a creation. Their URNs name no stack.
 */
export function stackChanges(first: Pick<Graph, "stack" | "resources">, other: typeof first): Change[] {
  return difference(stackless(first), stackless(other));
}

/** Masked, with URNs that do not name the stack. No update leads from one stack to the other, so nothing goes along. */
export function stackless({ stack, resources }: Pick<Graph, "stack" | "resources">): Resource[] {
  const text = JSON.stringify(maskedResources({ resources }));
  const all = JSON.parse(text.replaceAll(`urn:pulumi:${stack}::`, "urn:pulumi:stack::")) as Resource[];
  return all.map((one) => ({ ...one, inputsFrom: {}, provider: undefined }));
}
