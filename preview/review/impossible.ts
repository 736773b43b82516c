/** Finds changes that a provider would refuse in the middle of an update, when other resources have changed already. Pure. */
import { databaseGibibytes } from "../../catalogue/databases.ts";
import { gibibytes } from "../../catalogue/quantity.ts";
import { kindOf } from "../../graph/resource.ts";
import type { Resource } from "../../graph/resource.ts";
import type { FieldChange } from "./change.ts";

type Field = Omit<FieldChange, "replaces">;

/** Why the provider refuses a change of a field; undefined if it accepts it. */
type Refusal = (field: Field) => string | undefined;

const number = (value: unknown) =>
  typeof value === "number" || typeof value === "string" ? Number(value) : Number.NaN;

/** Whether a version is lower than another, by their numbers: `1.36.3-do.0` is lower than `1.37.0-do.0`. */
function older(one: unknown, other: unknown): boolean {
  const parts = (version: unknown) =>
    String(version)
      .split(/[^\d]+/)
      .map(Number);
  const [a, b] = [parts(one), parts(other)];
  const at = a.findIndex((part, i) => part !== b[i]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}

const version: Refusal = ({ before, after }) =>
  before !== undefined && after !== undefined && older(after, before) ? "a version is never lowered" : undefined;

/**
 * Refused changes by kind and field. Sources: DigitalOcean, "PostgreSQL Limits" (a database cannot shrink), "How to Create
 * Kubernetes Clusters" (high availability cannot be switched off).
 */
const refusals: Readonly<Record<string, Readonly<Record<string, Refusal>>>> = {
  DatabaseCluster: {
    size: ({ before, after }) => {
      const [old, now] = [before, after].map((slug) => databaseGibibytes(String(slug)));
      return old !== undefined && now !== undefined && now < old ? "a managed database never shrinks" : undefined;
    },
    storageSizeMib: ({ before, after }) =>
      number(after) < number(before) ? "a managed database never shrinks" : undefined,
    version,
  },
  KubernetesCluster: {
    ha: ({ before, after }) =>
      before === true && after !== true ? "a highly available control plane stays one" : undefined,
    version,
  },
  PersistentVolumeClaim: {
    "spec.resources.requests.storage": ({ before, after }) =>
      gibibytes(after) < gibibytes(before) ? "a volume only grows" : undefined,
  },
};

/** The first reason why the provider would refuse an update of a resource; undefined if there is none. */
export function impossible(resource: Resource, fields: readonly Field[]): string | undefined {
  const known = refusals[kindOf(resource)] ?? {};
  return fields.map((field) => known[field.path]?.(field)).find((reason) => reason !== undefined);
}
