/** An object of a cluster, in the form in which the program would have written it. Pure. */
import { mask } from "../../graph/masking.ts";
import { kubernetesObject, type Resource } from "../../graph/resource.ts";
import { isGroup } from "../../settings/reading/group.ts";
import type { LiveObject } from "../ground/cluster.ts";
import { withoutDefaults } from "./defaults.ts";
import { ownedFields } from "./owned.ts";
import { withoutSchemaDefaults, type Schema } from "./schema.ts";
import { scrubbed } from "./scrubbed.ts";
import { restricted, union } from "./values.ts";

/** Annotations that Kubernetes and `kubectl` keep for themselves. */
const ownAnnotations = ["kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision"];

/** Fields of `metadata` that are compared. */
const metadataFields = ["name", "namespace", "labels", "annotations"];

/**
 * The inputs with which the program would have made an object as it is: the fields that the program sets, with the values that they
 * have, and the fields that an update would take away. What Kubernetes has filled in by itself is left out. Values of a Secret, and
 * whatever else may be one, are masked: which keys a Secret has is compared, not what they hold.
 *
 * @param resource masked
 * @param schema of a kind that is no part of Kubernetes
 */
export function inputsOf(
  { type, inputs }: Pick<Resource, "type" | "inputs">,
  live: LiveObject,
  schema?: Schema,
): Record<string, unknown> {
  const isSecret = type === "kubernetes:core/v1:Secret";
  const seen = isSecret ? masked(live, inputs) : live;
  const owned = withoutDefaults(withoutSchemaDefaults(ownedFields(seen), schema));
  const known = union(restricted(inputs, seen), cleaned(owned, live)) as Record<string, unknown>;
  const { status: _status, ...rest } = known;
  return scrubbed(rest, inputs) as Record<string, unknown>;
}

/** A Secret whose values are masked, below the key under which the program writes them. */
function masked(live: LiveObject, inputs: Resource["inputs"]): LiveObject {
  const { data = {}, metadata, ...rest } = live as LiveObject & { data?: Record<string, unknown> };
  const keys = Object.keys(data);
  const below = "stringData" in inputs ? "stringData" : "data";
  // Who owns which key is told by `data` alone; of a Secret every key is taken to be handed over.
  const fields = Object.fromEntries(keys.map((key) => [`f:${key}`, {}]));
  const all = { manager: "kubectl", fieldsV1: { [`f:${below}`]: fields } };
  const others = (metadata.managedFields ?? []).map((one) => ({
    ...one,
    fieldsV1: Object.fromEntries(Object.entries(one.fieldsV1 ?? {}).filter(([key]) => key === "f:metadata")),
  }));
  return {
    ...rest,
    metadata: {
      ...metadata,
      managedFields: [...others.filter(({ fieldsV1 }) => Object.keys(fieldsV1).length > 0), all],
    },
    [below]: Object.fromEntries(keys.map((key) => [key, mask])),
  };
}

/** Owned fields without what no update would touch. */
function cleaned(owned: unknown, { kind, spec }: LiveObject): Record<string, unknown> {
  if (!isGroup(owned)) return {};
  const { metadata, ...rest } = owned;
  if (!isGroup(metadata)) return rest;
  // A Job without labels gets those of its pods.
  const ofPods = kind === "Job" ? (spec as JobSpec).template.metadata?.labels : undefined;
  const kept = Object.entries(metadata).flatMap(([key, value]): [string, unknown][] => {
    if (!metadataFields.includes(key)) return [];
    if (!isGroup(value)) return [[key, value]];
    const others = Object.entries(value).filter(
      ([name, text]) => !ownAnnotations.includes(name) && !(key === "labels" && ofPods?.[name] === text),
    );
    return others.length === 0 ? [] : [[key, Object.fromEntries(others)]];
  });
  return { ...rest, metadata: Object.fromEntries(kept) };
}

interface JobSpec {
  readonly template: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } };
}

/** Kind, namespace and name of the object that a resource makes; undefined for what is no object of a cluster. */
export function identityOf(resource: Resource):
  | {
      readonly apiVersion: string;
      readonly kind: string;
      readonly name: string;
      readonly namespace: string | undefined;
    }
  | undefined {
  const object = kubernetesObject(resource);
  if (object === undefined) return undefined;
  const { name, namespace } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, name, namespace };
}
