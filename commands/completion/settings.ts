/** Paths of settings for completion, from the JSON Schema that editors complete stack files with, as it is read at once. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { isGroup } from "../../settings/reading/group.ts";
import { project } from "../../settings/reading/keys.ts";
import { stackNames } from "../stacks.ts";

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly const?: unknown;
}

/** The groups of a stack file that make a part of the tree: `platform`, and each system. */
export function systemKeys(root: string): string[] {
  return Object.keys(groupsOf(schemaOf(root)));
}

/**
 * The settings that a path may go on to, each as a whole path; one that has settings of its own also with a dot at its end,
 * so that typing goes on.
 */
export function settingsBelow(root: string, typed: string): string[] {
  const whole = schemaOf(root);
  const steps = typed.split(".").slice(0, -1);
  let level: readonly Schema[] = [{ properties: groupsOf(whole) }];
  for (const step of steps) level = level.flatMap((one) => childrenOf(one, step)).flatMap((one) => formsOf(one, whole));
  const names = level.flatMap((one) =>
    isMap(one)
      ? namesInStacks(root, steps)
      : Object.entries(one.properties ?? {}).flatMap(([name, inner]) => (inner.const === undefined ? [name] : [])),
  );
  return [...new Set(names)].flatMap((name) => {
    const path = [...steps, name].join(".");
    const goesOn = level
      .flatMap((one) => childrenOf(one, name))
      .flatMap((one) => formsOf(one, whole))
      .some((one) => isMap(one) || one.properties !== undefined);
    return goesOn ? [path, `${path}.`] : [path];
  });
}

function schemaOf(root: string): Schema {
  return JSON.parse(readFileSync(`${root}/settings/schema.json`, "utf8")) as Schema;
}

function groupsOf(whole: Schema): Record<string, Schema> {
  const config = whole.properties?.["config"]?.properties ?? {};
  const own = Object.entries(config).filter(([key]) => key !== `${project}:secrets`);
  return Object.fromEntries(own.map(([key, schema]) => [key.slice(project.length + 1), schema]));
}

function childrenOf(schema: Schema, step: string): Schema[] {
  const own = schema.properties?.[step];
  if (own !== undefined) return [own];
  return isGroup(schema.additionalProperties) ? [schema.additionalProperties] : [];
}

/** The forms that a setting may have, references followed. */
function formsOf(schema: Schema, whole: Schema): Schema[] {
  if (schema.$ref !== undefined) {
    const shared = whole.$defs?.[schema.$ref.replace("#/$defs/", "")];
    return shared === undefined ? [] : formsOf(shared, whole);
  }
  const forms = schema.oneOf ?? schema.anyOf;
  return forms === undefined ? [schema] : forms.flatMap((form) => formsOf(form, whole));
}

/** Whether its entries may have any name. */
function isMap({ additionalProperties, properties }: Schema): boolean {
  return properties === undefined && isGroup(additionalProperties) && Object.keys(additionalProperties).length > 0;
}

/** Names that stack files have given at a place. */
function namesInStacks(root: string, [group = "", ...path]: readonly string[]): string[] {
  return stackNames(root).flatMap((stack) => {
    const file = parse(readFileSync(`${root}/Pulumi.${stack}.yaml`, "utf8")) as { config?: Record<string, unknown> };
    const value = path.reduce<unknown>(
      (inner, step) => (isGroup(inner) ? inner[step] : undefined),
      file.config?.[`${project}:${group}`],
    );
    return isGroup(value) ? Object.keys(value) : [];
  });
}
