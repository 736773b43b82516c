/** What a setting means: looked up in the schema of the stack file, from which editors complete it. Pure. */
import { isGroup } from "../../../settings/reading/group.ts";

/** A setting in words. */
export interface Meaning {
  readonly description: string;
  /** As YAML or JSON takes it. @default - there is none, or it follows from something else */
  readonly default?: string;
  readonly examples: readonly string[];
}

type Schema = Readonly<Record<string, unknown>>;

/**
 * The meaning of a setting; undefined if the schema has no such setting, or no words for it.
 *
 * @param path below the project's key: `platform.pools.general.min`
 * @param schema that of the stack file, `settings/schema.json`
 */
export function meaningOf(path: string, schema: unknown): Meaning | undefined {
  const steps = path.split(/[.[\]]+/).filter((step) => step !== "");
  const [slice = "", ...rest] = steps;
  let found = [schema, "config", `doks-systems:${slice}`].reduce<Schema[]>(
    (at, step) => (typeof step === "string" ? at.flatMap((one) => below(one, step, schema)) : resolved(step, schema)),
    [],
  );
  for (const step of rest) found = found.flatMap((one) => below(one, step, schema));
  const described = found.find(({ description }) => typeof description === "string");
  if (described === undefined) return undefined;
  const { description, default: standard, examples } = described;
  return {
    description: String(description),
    ...(standard !== undefined && { default: JSON.stringify(standard) }),
    examples: Array.isArray(examples) ? examples.map((one) => JSON.stringify(one)) : [],
  };
}

/** The schemas that a value may have: where there are kinds, each of them. */
function resolved(schema: unknown, root: unknown): Schema[] {
  if (!isGroup(schema)) return [];
  const { $ref: reference, oneOf, anyOf, allOf } = schema;
  const target = typeof reference === "string" ? [reference.split("/").slice(1).reduce(stepInto, root)] : [];
  const kinds = [oneOf, anyOf, allOf].flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []));
  return [schema, ...[...target, ...kinds].flatMap((one) => resolved(one, root))];
}

function stepInto(at: unknown, step: string): unknown {
  return isGroup(at) ? at[step] : undefined;
}

function below(schema: Schema, step: string, root: unknown): Schema[] {
  const { properties, additionalProperties, items } = schema;
  const own = stepInto(properties, step);
  return resolved(own ?? (/^\d+$/.test(step) ? items : additionalProperties), root);
}
