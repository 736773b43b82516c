/** What a setting may be, in words. Pure. */
import { stringify } from "yaml";
import { entriesOf, formsOf, isGroupSchema, isOfShared, kindOf } from "./places.ts";
import { nameOf, type Schema } from "./schemas.ts";

/** `whole number, 1 to 1000, such as 3` */
export function formOf(schema: Schema): string {
  const form = shapeOf(schema);
  const [example] = schema.examples ?? [];
  return example === undefined ? form : `${form}, such as ${code(example)}`;
}

function shapeOf(schema: Schema): string {
  const forms = formsOf(schema);
  if (forms.length > 1) return either([...new Set(forms.map((form) => kindWord(form) ?? formOf(form)))]);
  if (schema.$ref !== undefined && schema.form !== undefined) return schema.form;
  if (schema.$ref !== undefined) return `[${nameOf(schema.$ref)}](#${nameOf(schema.$ref)})`;
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return either(schema.enum.map(code));
  switch (schema.type) {
    case "integer":
      return ["whole number", ...range(schema.minimum, schema.maximum)].join(", ");
    case "boolean":
      return "`true` or `false`";
    case "array":
      return [`list of ${plural(schema.items)}`, ...range(schema.minItems, schema.maxItems, "entries")].join(", ");
    case "object":
      return groupForm(schema);
    default:
      return schema.form ?? "text";
  }
}

function groupForm(schema: Schema): string {
  if (isOfShared(schema)) {
    const names = Object.keys(schema.properties ?? {}).map(code);
    return `group: [settings](#workloads) by name of the workload, of ${names.join(", ")}`;
  }
  const kind = kindOf(schema);
  if (kind !== undefined) return `group with \`${kind.key}: ${kind.value}\``;
  const entry = entriesOf(schema);
  if (entry === undefined) return "group";
  const names = schema.propertyNames ?? {};
  const name = names.enum === undefined ? (names.form ?? "name") : either(names.enum.map(code));
  return `group: ${name} → ${isGroupSchema(entry) ? "group" : formOf({ ...entry, examples: [] })}`;
}

function kindWord(schema: Schema): string | undefined {
  const kind = kindOf(schema);
  return kind && code(kind.value);
}

/** The items of a list, as far as they have a form of their own. */
function plural(items: Schema = {}): string {
  const form = formOf({ ...items, examples: [] });
  return form.startsWith("text") ? form.replace("text", "texts") : `items, each a ${form}`;
}

/** Bounds that only say that a number is one are none. */
function range(least = 0, most = Number.MAX_SAFE_INTEGER, noun = ""): string[] {
  const of = noun === "" ? "" : ` ${noun}`;
  const low = Math.abs(least) === Number.MAX_SAFE_INTEGER ? undefined : least;
  if (most === Number.MAX_SAFE_INTEGER)
    return low === undefined || (low === 0 && noun !== "") ? [] : [`${low}${of} or more`];
  return [`${low ?? "up"} to ${most}${of}`];
}

function either(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;
}

/** A value as YAML takes it, on one line. */
export function code(value: unknown): string {
  if (typeof value === "string" && value.includes("\n")) return `\`${JSON.stringify(value)}\``;
  const text = stringify(value, {
    collectionStyle: "flow",
    flowCollectionPadding: false,
    lineWidth: 0,
    version: "1.1",
  }).trim();
  return `\`${text}\``;
}
