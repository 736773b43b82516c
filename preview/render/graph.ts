/** What a run of the program registered: the common ground of preview, tests and policy. */
import { stringify } from "yaml";

/** One registered resource. */
export interface RegisteredResource {
  readonly urn: string;
  /** Pulumi type token: `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  readonly name: string;
  /** URN of the component it belongs to; absent for the stack itself. */
  readonly parent: string | undefined;
  readonly custom: boolean;
  readonly inputs: Record<string, unknown>;
  /** Paths into `inputs` whose values are secret, such as `["stringData"]`. */
  readonly secretPaths: readonly (readonly string[])[];
  /** URNs. */
  readonly dependsOn: readonly string[];
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  /** Earlier URNs of it. */
  readonly aliases: readonly string[];
  /** `postgres:5432`; of workloads. */
  readonly connectsTo: readonly string[];
}

/** A whole stack, rendered. */
export interface Graph {
  readonly stack: string;
  readonly resources: readonly RegisteredResource[];
  /** Stack outputs, unmasked; secret ones are listed in `secretOutputs`. */
  readonly outputs: Record<string, unknown>;
  readonly secretOutputs: readonly string[];
}

const mask = "[secret]";

/** A resource's inputs with every secret value replaced by a mask; the keys stay readable. */
export function maskedInputs(resource: RegisteredResource): Record<string, unknown> {
  const inputs = structuredClone(resource.inputs);
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

/** Whether a resource is an object in the cluster, and which. */
export function kubernetesObject(resource: Pick<RegisteredResource, "type" | "inputs">): KubernetesObject | undefined {
  const { inputs } = resource;
  const isObject =
    resource.type.startsWith("kubernetes:") && typeof inputs["kind"] === "string" && "metadata" in inputs;
  return isObject ? (inputs as unknown as KubernetesObject) : undefined;
}

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly [key: string]: unknown;
}

/** The inputs of an object as `kubectl` would read them. */
export function manifest(inputs: Readonly<Record<string, unknown>>): string {
  const { apiVersion, kind, metadata, ...rest } = inputs;
  return stringify({ apiVersion, kind, metadata, ...rest }, { lineWidth: 0 });
}
