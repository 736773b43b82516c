/** What a setting means: looked up in the schema of the stack file, from which editors complete it. Pure. */
import { isGroup } from "../../../settings/reading/group.ts";

/** A setting in words. */
export interface Meaning {
  /** The setting that the words are about: where an entry has none of its own, the group that it is in. */
  readonly path: string;
  readonly description: string;
  /** As JSON, which YAML takes. @default - there is none, or it follows from something else */
  readonly default?: string;
  readonly examples: readonly string[];
}

type Schema = Readonly<Record<string, unknown>>;

/**
 * The meaning of a setting, or of the group that it is in; undefined if the schema has no such setting.
 *
 * @param path below the project's key: `platform.pools.general.min`
 * @param schema that of the stack file, `settings/schema.json`
 */
export function meaningOf(path: string, schema: unknown): Meaning | undefined {
  const steps = path.split(/[.[\]]+/).filter((step) => step !== "");
  let at = resolved(schema, schema).flatMap((one) => below(one, "config", schema));
  let meaning: Meaning | undefined;
  for (const [i, step] of steps.entries()) {
    at = at.flatMap((one) => below(one, i === 0 ? `doks-systems:${step}` : step, schema));
    if (at.length === 0) return undefined;
    meaning = wordsOf(at, steps.slice(0, i + 1).join(".")) ?? meaning;
  }
  return meaning;
}

function wordsOf(schemas: readonly Schema[], path: string): Meaning | undefined {
  const described = schemas.find(({ description }) => typeof description === "string");
  if (described === undefined) return undefined;
  const { description, default: standard, examples } = described;
  return {
    ...{ path, description: String(description) },
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
