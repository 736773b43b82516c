/** Replaces secret values of resources by a mask, so that they may be printed and stored. Keys stay readable. Pure. */
import type { Graph, Resource } from "./resource.ts";

/** Text that takes the place of every secret value. */
export const mask = "[secret]";

/** All resources of a stack, masked, as reviews read them, `--json` prints them and `resources.json` holds them. */
export function maskedResources({ resources }: Pick<Graph, "resources">): Resource[] {
  return resources.map(maskedResource);
}

function maskedResource(resource: Resource): Resource {
  // Outputs are left out: nothing says which of them are secret.
  const { outputs: _outputs, ...rest } = resource;
  return { ...rest, inputs: maskedInputs(resource) };
}

/** A resource's inputs with a mask in the place of every secret value. */
export function maskedInputs(resource: Pick<Resource, "type" | "inputs" | "secretPaths">): Record<string, unknown> {
  const inputs = structuredClone(resource.inputs) as Record<string, unknown>;
  for (const path of resource.secretPaths) maskAt(inputs, path);
  // Values of a Secret are always masked, even if the program did not mark them as secret.
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

/** A copy of a value with the same keys and lengths, and the mask in the place of every leaf. */
export function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== "object" || value === null) return mask;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, masked(inner)]));
}
