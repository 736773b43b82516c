/** Values of settings: one that a schema takes, others than a given one, and how they are put into a stack's settings. Pure. */
import { isGroup } from "../../../settings/reading/group.ts";
import { entriesOf, formsOf, isGroupSchema, kindOf, type Step } from "../places.ts";
import { resolved, type Schema } from "../schemas.ts";

/** A value that a schema takes, with no more in it than it must have. */
export function exampleOf(given: Schema): unknown {
  const schema = resolved(given);
  if (schema.const !== undefined) return schema.const;
  if (isGroupSchema(schema) && schema.default !== undefined) return schema.default;
  const [example = schema.default ?? schema.enum?.[0]] = schema.examples ?? [];
  if (example !== undefined) return example;
  const forms = formsOf(schema);
  if (forms.length > 1)
    return exampleOf(forms.find((form) => isGroupSchema(resolved(form))) ?? (forms.at(-1) as Schema));
  if (schema.type === "array") return schema.minItems === undefined ? [] : [exampleOf(schema.items ?? {})];
  if (schema.type === "integer") return Math.max(schema.minimum ?? 0, 0);
  if (schema.type === "boolean") return true;
  const { properties = {}, required = [] } = schema;
  return Object.fromEntries(required.map((key) => [key, exampleOf(properties[key] ?? {})]));
}

/** Values that differ from the one that is there; the first ones are the likeliest to be taken. `undefined` is not given. */
export function othersThan(given: Schema, current: unknown, required: boolean): unknown[] {
  const schema = resolved(given);
  const entries = isGroupSchema(schema) && entriesOf(schema) !== undefined;
  const forms = formsOf(schema);
  const ofForms = forms.flatMap((form) => valuesOf(form, current));
  // Of several forms the setting's own examples come first.
  const all = entries
    ? withEntries(schema, current)
    : [...(forms.length > 1 ? (schema.examples ?? []) : []), ...ofForms];
  const unset = required || schema.default !== undefined ? [] : [undefined];
  return [...unset, ...all].filter((value) => JSON.stringify(value) !== JSON.stringify(current));
}

/** Whether any other value may do something else, as words do, so that each is tried. */
export function isChoice(schema: Schema): boolean {
  return formsOf(schema).some((form) => form.enum !== undefined || form.const !== undefined || form.type === "boolean");
}

function withEntries({ examples = [] }: Schema, current: unknown): unknown[] {
  return examples.map((example) => ({ ...(isGroup(current) ? current : {}), ...(example as object) }));
}

function valuesOf(given: Schema, current: unknown): unknown[] {
  const schema = resolved(given);
  const examples = schema.examples ?? [];
  if (schema.const !== undefined) return [schema.const];
  if (schema.enum !== undefined) return [...schema.enum];
  if (schema.type === "boolean") return [true, false];
  if (schema.type === "integer") return [...examples, ...near(schema, current)];
  if (examples.length > 0) return [...examples];
  return isGroupSchema(schema) && isGroup(current) ? [] : [exampleOf(schema)];
}

function near({ minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Schema, current: unknown): number[] {
  const from = typeof current === "number" ? current : minimum;
  return [from + 1, from - 1].filter((value) => value >= minimum && value <= maximum);
}

/** A copy of some settings with another value at the end of the steps; groups on the way that are not there are made. */
export function put(value: unknown, steps: readonly Step[], change: (current: unknown) => unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return change(value);
  if ("kind" in step) return put(isOf(step.kind, value) ? value : exampleOf(step.kind), rest, change);
  const group = (isGroup(value) ? value : exampleOf(step.of)) as Record<string, unknown>;
  const key = "key" in step ? step.key : (Object.keys(group)[0] ?? step.entry);
  const inner = put(group[key], rest, change);
  const { [key]: _old, ...others } = group;
  return inner === undefined ? others : { ...group, [key]: inner };
}

/** Whether a value is of a kind: has its word, or where it has none, what it must have. */
export function isOf(kind: Schema, value: unknown): boolean {
  if (!isGroup(value)) return false;
  const word = kindOf(kind);
  return word === undefined ? (kind.required ?? []).every((key) => key in value) : value[word.key] === word.value;
}
