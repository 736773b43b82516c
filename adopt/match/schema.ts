/**
 * Defaults of kinds that are no part of Kubernetes, such as routes, from the schema that the cluster keeps of them. The API server
 * writes them into each object, as if whoever made it had set them.
 */
import { isDeepStrictEqual } from "node:util";
import { isGroup } from "../../settings/reading/group.ts";
import type { ClusterReader, LiveObject } from "../ground/cluster.ts";

/** The part of an OpenAPI schema that tells defaults. */
export interface Schema {
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
}

interface Definition {
  readonly group: string;
  readonly names: { readonly kind: string };
  readonly versions: readonly { readonly name: string; readonly schema?: { readonly openAPIV3Schema?: Schema } }[];
}

/** The schema of an object's kind; undefined for Kubernetes' own kinds, and where definitions may not be listed. */
export async function schemaOf({ apiVersion, kind }: LiveObject, cluster: ClusterReader): Promise<Schema | undefined> {
  const [group = "", version] = apiVersion.split("/");
  // Kinds of Kubernetes have no definition: their groups are `apps`, `networking.k8s.io` and the like.
  if (version === undefined || !group.includes(".")) return undefined;
  const all = await cluster.objects("apiextensions.k8s.io/v1", "CustomResourceDefinition");
  const found = all
    .map((one) => one["spec"] as Definition)
    .find((one) => one.group === group && one.names.kind === kind);
  return found?.versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema;
}

/** A value without what its schema would fill in again. */
export function withoutSchemaDefaults(value: unknown, schema: Schema | undefined): unknown {
  if (schema === undefined) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => withoutSchemaDefaults(item, schema.items));
  if (!isGroup(value)) return value;
  const kept = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    const below = schema.properties?.[key] ?? others(schema);
    const isDefault = below?.default !== undefined && isDeepStrictEqual(inner, below.default);
    return isDefault ? [] : [[key, withoutSchemaDefaults(inner, below)]];
  });
  return Object.fromEntries(kept);
}

function others({ additionalProperties }: Schema): Schema | undefined {
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}
