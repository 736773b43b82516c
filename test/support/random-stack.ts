/** Stack files that nobody wrote: a committed one with a few settings replaced by whatever the schema of that place allows. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { SettingsError } from "../../settings/reading/error.ts";
import { parseSettings } from "../../systems/settings.ts";
import { readStackFile, type Patch } from "../../graph/render/configuration.ts";

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly pattern?: string;
  readonly minLength?: number;
}

const file = JSON.parse(readFileSync(new URL("../../settings/schema.json", import.meta.url), "utf8")) as Schema & {
  readonly $defs: Readonly<Record<string, Schema>>;
};
const groups = file.properties?.["config"]?.properties ?? {};

/** Texts of every kind that settings have, at their limits and a little beyond: where no pattern says what is right, one of these may be. */
const texts: readonly string[] = [
  ...[
    "1Mi",
    "100Mi",
    "512Mi",
    "1Gi",
    "1.5Gi",
    "4G",
    "16Ti",
    "20Ti",
    "1Ki",
    "0",
    "10m",
    "250m",
    "0.5",
    "1.5",
    "2",
    "9",
    "1e3",
  ],
  ...[
    "0 8 * * *",
    "*/5 * * * *",
    "@daily",
    "@every 1h",
    "0 0 30 2 *",
    "0 0 * * 7",
    "0 0 L * *",
    "15 3 ? * MON-FRI",
    "59 23 31 12 0",
  ],
  ...["db.example.com", "10.116.0.5", "203.0.113.7", "localhost", "256.1.1.1", "xn--e1afmkfd.xn--p1ai", "a.b"],
  ...[
    "ops@bowmark.ca",
    "https://example.com",
    "https://example.com/",
    "libsql://db.turso.io",
    "oci://m.example.com/charts",
  ],
  ...[
    "systems/bowmark/migrations",
    "docs",
    "/app",
    "x",
    "A b",
    "ü",
    "-",
    "a-",
    "latest",
    "1.2.3",
    "-----BEGIN CERTIFICATE-----\nx",
  ],
];

/** Names that patterns allow and others may not: of the cluster, too long, twice the same. */
const names: readonly string[] = [
  ...["kube-system", "default", "monitoring", "cert-manager", "bow-mark", "kafka", "system", "general", "a", "z9"],
  ...["x".repeat(63), "n-".repeat(20) + "n", "nyc1", "nyc2", "sgp1", "tor1", "1.35", "1.34", "1.20", "1.99"],
  ...[
    "s-4vcpu-8gb",
    "s-1vcpu-2gb",
    "c-8",
    "g-4vcpu-16gb",
    "so1_5-2vcpu-16gb",
    "s-5vcpu-9gb",
    "db-s-1vcpu-1gb",
    "db-s-2vcpu-4gb",
  ],
  ...["gd-2vcpu-8gb", "m-2vcpu-16gb", "db-s-9vcpu-1gb", "app.bowmark.ca", "do.example.com", "api.example.org", "tls"],
  ...[
    "10.0.0.0/8",
    "10.20.0.0/20",
    "10.30.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/24",
    "52.0.0.0/16",
    "10.244.0.0/16",
    "0.0.0.0/0",
  ],
  ...[
    "LOG_LEVEL",
    "PATH",
    "NODE_ENV",
    "DATABASE_URL",
    "/data",
    "/tmp",
    "/app/cache",
    "/etc/postgres-client",
    "/var/lib/x",
  ],
];

function textOf({ pattern, minLength = 0 }: Schema): fc.Arbitrary<string> {
  const known = [...texts, ...names].filter(
    (one) => one.length >= minLength && (pattern === undefined || new RegExp(pattern, "u").test(one)),
  );
  const pool = known.length > 0 ? [fc.constantFrom(...known)] : [];
  if (pattern === undefined) return fc.oneof(...pool, fc.string({ minLength, maxLength: 12 }));
  try {
    return fc.oneof(
      { arbitrary: fc.oneof(...pool, fc.constant("a")), weight: 3 },
      fc.stringMatching(new RegExp(pattern)),
    );
  } catch {
    return fc.oneof(...pool, fc.constant("a"));
  }
}

function wholeNumber({ minimum = 0, maximum = 100_000, exclusiveMinimum }: Schema): fc.Arbitrary<number> {
  const least = exclusiveMinimum === undefined ? minimum : exclusiveMinimum + 1;
  const most = Math.max(least, Math.min(maximum, 100_000));
  const small = Math.min(most, least + 5);
  return fc.oneof(
    fc.integer({ min: least, max: small }),
    fc.constantFrom(least, most),
    fc.integer({ min: least, max: most }),
  );
}

/** A value of a schema, at most so deep. */
function valueOf(given: Schema, depth: number): fc.Arbitrary<unknown> {
  const schema = resolved(given);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map((one) => valueOf(one, depth)));
  if ("const" in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case "string":
      return textOf(schema);
    case "integer":
    case "number":
      return wholeNumber(schema);
    case "boolean":
      return fc.boolean();
    case "array":
      return fc.array(valueOf(schema.items ?? {}, depth - 1), { minLength: schema.minItems ?? 0, maxLength: 3 });
    case "object":
      return groupOf(schema, depth);
    default:
      return fc.constant("x");
  }
}

function groupOf({ properties, required = [], additionalProperties, propertyNames }: Schema, depth: number) {
  if (properties === undefined) {
    const inner =
      typeof additionalProperties === "object" ? valueOf(additionalProperties, depth - 1) : fc.constant("x");
    return fc.dictionary(textOf(propertyNames ?? {}), inner, { maxKeys: depth > 0 ? 2 : 0 });
  }
  const kept = Object.entries(properties).filter(([key]) => depth > 0 || required.includes(key));
  const fields = Object.fromEntries(kept.map(([key, one]) => [key, valueOf(one, depth - 1)]));
  return fc.record(fields, { requiredKeys: kept.map(([key]) => key).filter((key) => required.includes(key)) });
}

function resolved(schema: Schema): Schema {
  return schema.$ref === undefined ? schema : (file.$defs[schema.$ref.replace("#/$defs/", "")] ?? {});
}

/** One setting replaced: where it is, and by what. */
function replacement(): fc.Arbitrary<Patch> {
  const systems = Object.keys(groups).filter((key) => key !== "doks-systems:secrets");
  return fc
    .constantFrom(...systems)
    .chain((key) => below(groups[key] ?? {}, 5).map((value): Patch => ({ [key]: value })));
}

/** Goes down a few groups, then makes a value; what is not gone through stays as the file has it. */
function below(given: Schema, steps: number): fc.Arbitrary<unknown> {
  const schema = resolved(given);
  const keys = Object.entries(schema.properties ?? {});
  if (keys.length === 0 || steps === 0) return valueOf(schema, 2);
  const further = fc
    .constantFrom(...keys)
    .chain(([key, inner]) => below(inner, steps - 1).map((value): unknown => ({ [key]: value })));
  // Groups of kinds are replaced whole, and seldom a group of plain settings.
  return schema.oneOf === undefined && schema.anyOf === undefined ? further : valueOf(schema, 2);
}

/** A committed stack and one to four replaced settings. */
const randomStack: fc.Arbitrary<{ stack: string; patch: Patch }> = fc.record({
  stack: fc.constantFrom("prod", "staging"),
  patch: fc.array(replacement(), { minLength: 1, maxLength: 4 }).map((all) => all.reduce(merged)),
});

function merged(one: Patch, other: Patch): Patch {
  const both = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const old = both[key];
    const groups = typeof old === "object" && old !== null && typeof value === "object" && value !== null;
    (both as Record<string, unknown>)[key] = groups ? merged(old as Patch, value as Patch) : value;
  }
  return both;
}

/** Whether a stack's settings are accepted. */
function isAccepted({ stack, patch }: { stack: string; patch: Patch }): boolean {
  try {
    parseSettings(stack, readStackFile(stack, patch));
    return true;
  } catch (error) {
    if (error instanceof SettingsError) return false;
    throw error;
  }
}

/**
 * So many accepted stacks, and how many were made for them. The same seed gives the same ones.
 *
 * @throws {Error} when hardly any is accepted
 */
export function acceptedStacks(
  count: number,
  seed: number,
): { stacks: { stack: string; patch: Patch }[]; made: number } {
  const stacks: { stack: string; patch: Patch }[] = [];
  let made = 0;
  while (stacks.length < count) {
    if (made > count * 200) throw new Error(`of ${made} random stacks only ${stacks.length} were accepted`);
    const batch = fc.sample(randomStack, { numRuns: 50, seed: seed + made });
    made += batch.length;
    stacks.push(...batch.filter(isAccepted).slice(0, count - stacks.length));
  }
  return { stacks, made };
}
