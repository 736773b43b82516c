/**
 * Repairs wrong settings by leaving out or replacing their wrong parts, so that the rules can still check the rest, and one
 * error lists the problems of both. Pure.
 */
import { z } from "zod";
import { deepestOf, schemaAt, unwrapped, valueAt } from "./explain.ts";

type Path = readonly PropertyKey[];

/** The repaired value, undefined if it cannot be repaired, and the paths that were left out or replaced. */
export function repair<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): { data: z.infer<Schema> | undefined; replaced: Path[] } {
  let current: unknown = value;
  const replaced: Path[] = [];
  // The first round removes wrong fields, the next one gives required fields a made-up value, further ones mend what that broke.
  for (let round = 0; round < 6; round += 1) {
    const result = schema.safeParse(current);
    if (result.success) return { data: result.data, replaced };
    for (const issue of result.error.issues) {
      for (const path of deepestOf(issue)) {
        replaced.push(path);
        const missing = valueAt(current, path) === undefined;
        current = put(current, path, missing ? standIn(schemaAt(schema, current, path)) : undefined);
      }
    }
  }
  return { data: undefined, replaced };
}

/** A copy with another value at a path; `undefined` removes the path. */
function put(value: unknown, path: Path, part: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return part;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown, i) => (i === step ? put(item, rest, part) : item));
    return part === undefined && rest.length === 0 ? items.filter((_, i) => i !== step) : items;
  }
  const group = typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>) : {};
  const inner = put(group[step], rest, part);
  const { [step]: _old, ...others } = group;
  return inner === undefined ? others : { ...others, [step]: inner };
}

const candidates: readonly unknown[] = [
  ...["stand-in", "example.com", "1.36", "1Gi", "/stand-in", "https://example.com/", "ops@stand-in.org", "1"],
  ...["nyc3", "s-4vcpu-8gb", "db-s-1vcpu-2gb", "libsql://stand-in", "10.0.0.0/16", "0 8 * * *", 1, 3, 30_000, false],
];

/** A made-up value that a schema accepts; undefined if none of the candidates is accepted. */
function standIn(schema: z.ZodType | undefined): unknown {
  const plain = schema === undefined ? undefined : unwrapped(schema);
  if (plain instanceof z.ZodObject) {
    const required = Object.entries(plain.shape as Record<string, z.ZodType>).filter(
      ([, field]) => !field.safeParse(undefined).success,
    );
    return Object.fromEntries(required.map(([key, field]) => [key, standIn(field)]));
  }
  if (plain instanceof z.ZodUnion) return standIn(plain.options[0] as z.ZodType);
  if (plain instanceof z.ZodLiteral) return [...plain.values][0];
  if (plain instanceof z.ZodEnum) return plain.options[0];
  if (plain instanceof z.ZodArray) return [standIn(plain.element as z.ZodType)];
  if (plain instanceof z.ZodRecord) return {};
  return candidates.find((one) => schema?.safeParse(one).success);
}
