/** The settings' schemas as JSON Schema, with what the reference adds to them. Pure. */
import { z } from "zod";
import { platformSetting } from "../../settings/platform.ts";
import { systems } from "../../systems/settings.ts";

/** The part of JSON Schema that our schemas use. */
export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly const?: string | number | boolean;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly $ref?: string;
  /** Ours: what a text is, where its pattern would say it badly: `a quantity of memory, 1Mi or more`. */
  readonly form?: string;
  /** Ours: what holds where the setting is not given, where no value says it: `the profile's`. */
  readonly unset?: string;
}

/** What several places of the settings share, by name; each is written down once. */
export const shared: Readonly<Record<string, Schema>> = {};

/** The groups of a stack file, by the name after `doks-systems:`. */
export const groups: Readonly<Record<string, Schema>> = {
  platform: jsonSchema(platformSetting),
  ...Object.fromEntries(Object.entries(systems).map(([name, { setting }]) => [name, jsonSchema(setting)])),
};

function jsonSchema(schema: z.ZodType): Schema {
  // As people write it: what has a default may be left out.
  const { $schema: _version, $defs, ...rest } = z.toJSONSchema(schema, { io: "input" });
  Object.assign(shared, $defs);
  return rest as Schema;
}

/** What editors check and complete a stack file with. */
export function stackFileSchema(): object {
  const keys = Object.entries(groups).map(([name, schema]) => [`doks-systems:${name}`, forEditors(schema)] as const);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A stack file of doks-systems",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: { ...Object.fromEntries(keys), "doks-systems:secrets": { type: "object" } },
        required: ["doks-systems:platform"],
        patternProperties: { "^(?!doks-systems:)": {} },
        additionalProperties: false,
      },
    },
    $defs: Object.fromEntries(Object.entries(shared).map(([name, schema]) => [name, forEditors(schema)])),
  };
}

/** JSON Schema has no word for a default that is no value: it goes into the description, which editors show. */
function forEditors(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(forEditors);
  if (typeof schema !== "object" || schema === null) return schema;
  const { form: _form, unset, ...rest } = schema as Schema;
  const inner = Object.entries(rest).map(([key, value]) => [key, isValue(key) ? value : forEditors(value)]);
  const { description } = rest;
  const told =
    unset === undefined || description === undefined ? {} : { description: `${description} Default: ${unset}.` };
  return { ...Object.fromEntries(inner), ...told };
}

/** Keys whose values are settings, not schemas. */
function isValue(key: string): boolean {
  return key === "examples" || key === "default" || key === "const" || key === "enum";
}

/** The schema itself, where it is one that several places share. */
export function resolved(schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const { $ref: _ref, ...own } = schema;
  return { ...shared[nameOf(schema.$ref)], ...own };
}

export function nameOf(ref: string): string {
  return ref.replace("#/$defs/", "");
}
