/** Resources as they may be shown and kept: every secret is replaced by a mask; the keys stay readable. Pure. */
import type { Graph, Resource } from "./resource.ts";

/** What stands in the place of a secret. */
export const mask = "[secret]";

/** All of a stack's, masked: what reviews look at, what `--json` prints and `resources.json` holds. */
export function maskedResources({ resources }: Pick<Graph, "resources">): Resource[] {
  return resources.map(maskedResource);
}

function maskedResource(resource: Resource): Resource {
  const { outputs: _unmarked, ...rest } = resource;
  return { ...rest, inputs: maskedInputs(resource) };
}

/** A resource's inputs with a mask in the place of every secret value. */
export function maskedInputs(resource: Pick<Resource, "type" | "inputs" | "secretPaths">): Record<string, unknown> {
  const inputs = structuredClone(resource.inputs) as Record<string, unknown>;
  for (const path of resource.secretPaths) maskAt(inputs, path);
  // A Secret's values are secret whether or not whoever made it said so.
  if (resource.type === "kubernetes:core/v1:Secret") {
    for (const key of ["data", "stringData"]) if (key in inputs) inputs[key] = masked(inputs[key]);
  }
  return inputs;
}

function maskAt(root: Record<string, unknown>, path: readonly string[]): void {
  const branch = path.slice(0, -1).reduce<unknown>((value, step) => (value as Record<string, unknown>)[step], root);
  const leaf = path.at(-1);
  if (leaf === undefined) return;
  const holder = branch as Record<string, unknown>;
  holder[leaf] = masked(holder[leaf]);
}

/** The same shape with every leaf masked. */
export function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== "object" || value === null) return mask;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, masked(inner)]));
}
