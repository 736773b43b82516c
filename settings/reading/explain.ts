/** Turns the issues that zod finds into problems with path, value and fix. Pure. */
import { z } from "zod";
import { shown, type Problem } from "./error.ts";
import { movedTo } from "./moved.ts";
import { nearest } from "./nearest.ts";
import { settingPath } from "./paths.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** One problem for each issue; `root` is the setting's key, such as `doks-systems:bowmark`. */
export function explain(root: string, schema: z.ZodType, input: unknown, issues: readonly Issue[]): Problem[] {
  return issues.flatMap((issue) => explainIssue(root, schema, input, issue, []));
}

function explainIssue(root: string, schema: z.ZodType, input: unknown, issue: Issue, above: Path): Problem[] {
  const path = [...above, ...issue.path];
  const at = (problem: string, fix: string): Problem => ({
    path: settingPath(root, path),
    value: shown(valueAt(input, path)),
    problem,
    fix,
  });
  // The schemas of this project give the fix as their message. Messages of zod itself begin with one of these words.
  const ownFix = /^(Invalid|Too|Unrecognized)\b/.test(issue.message) ? undefined : issue.message;

  switch (issue.code) {
    case "unrecognized_keys": {
      const known = keysAt(schema, input, path);
      return issue.keys.map((key) => {
        const full = settingPath(root, [...path, key]);
        const problem = { path: full, value: shown(valueAt(input, [...path, key])) };
        const place = movedTo(full);
        if (place !== undefined)
          return { ...problem, problem: "is said in another place now", fix: `write it at ${place}` };
        const near = nearest(key, known);
        const meant = near === undefined ? "remove it" : `did you mean ${near}?`;
        const fix = known.length === 0 ? meant : `${meant} (known here: ${known.join(", ")})`;
        return { ...problem, problem: "is not a setting", fix };
      });
    }
    case "invalid_union": {
      if ("options" in issue)
        return [
          at(
            "is not one of the kinds",
            ownFix ?? `use one of ${listed((issue.options ?? []).filter((one) => one !== undefined))}`,
          ),
        ];
      const branches = issue.errors.map((branch) => branch.flatMap((i) => explainIssue(root, schema, input, i, path)));
      // The form that was meant is the one whose issues are deepest: of `false | {…}`, an object has deeper issues with the second.
      const depth = (problems: Problem[]) => Math.max(0, ...problems.map((p) => p.path.length));
      const meant = branches.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
      if (depth(meant) > settingPath(root, path).length) return meant;
      return [at("fits none of its forms", branches.map((b) => b[0]?.fix ?? "").join(", or "))];
    }
    case "invalid_key":
      return [at("has a name that is not allowed", issue.issues[0]?.message ?? "rename it")];
    case "invalid_value":
      return [at("is not allowed", ownFix ?? `use one of ${listed(issue.values)}`)];
    case "invalid_type": {
      const given = valueAt(input, path);
      if (given === undefined) return [at("is required", `set it (${noun(issue.expected)})`)];
      const unquoted = issue.expected === "string" && (typeof given === "number" || typeof given === "boolean");
      return [
        at(
          `is not ${noun(issue.expected)}`,
          ownFix ?? (unquoted ? "put it in quotes" : `give ${noun(issue.expected)}`),
        ),
      ];
    }
    case "too_small":
      return [
        at("is too small", ownFix ?? `use at least ${issue.minimum}${issue.origin === "array" ? " entries" : ""}`),
      ];
    case "too_big":
      return [at("is too large", ownFix ?? `use at most ${issue.maximum}`)];
    default:
      return [at("is not valid", ownFix ?? "see the setting's description in settings/schema.json")];
  }
}

/** The value at a path; undefined if there is none. */
export function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) => (isObject(value) ? Object.getOwnPropertyDescriptor(value, step)?.value : undefined),
    input,
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function listed(values: readonly unknown[]): string {
  return values.map((value) => String(value)).join(", ");
}

function noun(expected: string): string {
  const nouns: Record<string, string> = {
    object: "a group of settings",
    record: "a group of settings",
    array: "a list",
    int: "a whole number",
    number: "a number",
    boolean: "true or false",
    string: "a text",
  };
  return nouns[expected] ?? expected;
}

/** The paths that an issue is about; for a setting with several forms, those in the form that was probably meant. */
export function deepestOf(issue: Issue, above: Path = []): Path[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => [...path, key]);
  if (issue.code !== "invalid_union" || "options" in issue) return [path];
  const branches = issue.errors.map((branch) => branch.flatMap((inner) => deepestOf(inner, path)));
  const depth = (paths: Path[]) => Math.max(0, ...paths.map((one) => one.length));
  const meant = branches.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
  return depth(meant) > path.length ? meant : [path];
}

/** The keys that the schema allows at a path. In a union it follows the `kind` of the input. */
function keysAt(schema: z.ZodType, input: unknown, path: Path): string[] {
  const found = schemaAt(schema, input, path);
  const plain = found === undefined ? undefined : unwrapped(found, valueAt(input, path));
  return plain instanceof z.ZodObject ? Object.keys(plain.shape) : [];
}

/** The schema of the value at a path. In a union it follows the `kind` of the input. */
export function schemaAt(schema: z.ZodType, input: unknown, path: Path): z.ZodType | undefined {
  let current: z.core.$ZodType | undefined = schema;
  let value = input;
  for (const step of path) {
    current = unwrap(current, value);
    if (current instanceof z.ZodObject) current = current.shape[String(step)] as z.ZodType | undefined;
    else if (current instanceof z.ZodRecord) current = current.valueType;
    else if (current instanceof z.ZodArray) current = current.element;
    else return undefined;
    value = valueAt(value, [step]);
  }
  return current as z.ZodType | undefined;
}

/** A schema without its default and `optional`; of a union, the one that fits the `kind` of the input, or the first. */
export function unwrapped(schema: z.ZodType, input?: unknown): z.core.$ZodType | undefined {
  return (
    unwrap(schema, input) ?? (schema instanceof z.ZodDiscriminatedUnion ? unwrap(schema.options[0], input) : schema)
  );
}

function unwrap(schema: z.core.$ZodType | undefined, value: unknown): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return unwrap(schema.unwrap(), value);
  }
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const { discriminator } = schema.def;
    const chosen = schema.options.find((option) => {
      const field = option instanceof z.ZodObject ? (option.shape[discriminator] as unknown) : undefined;
      const word = valueAt(value, [discriminator]);
      // A kind whose word may be left out is the one of a value without a word.
      if (field instanceof z.ZodOptional && word === undefined) return true;
      const literal = field instanceof z.ZodOptional ? field.unwrap() : field;
      return literal instanceof z.ZodLiteral && literal.values.has(word as never);
    });
    return unwrap(chosen, value);
  }
  if (schema instanceof z.ZodUnion) return schema.options.find((option) => option instanceof z.ZodObject);
  return schema;
}
