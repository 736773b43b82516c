/** Secrets of a stack: `doks-systems:secrets`, one tree of texts, each leaf an Output marked secret from birth. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { isGroup } from "./reading/group.ts";
import type { SystemFacts } from "./slices/facts.ts";

/** The same tree with every text wrapped as a secret Output. */
export type Secrets<T> = T extends string ? pulumi.Output<string> : { [Key in keyof T]: Secrets<T[Key]> };

/** What the program gives a system that is on. */
export interface SystemOn<Setting, SecretTree> {
  readonly settings: Setting;
  readonly secrets: Secrets<SecretTree>;
  /** What follows from the settings. */
  readonly facts: SystemFacts;
}

export function wrapSecrets<T>(tree: T): Secrets<T> {
  if (typeof tree === "string") return pulumi.secret(tree) as unknown as Secrets<T>;
  const entries = Object.entries(tree as object).map(([key, value]) => [key, wrapSecrets(value)]);
  return Object.fromEntries(entries) as Secrets<T>;
}

/**
 * The paths of the texts that the schema requires and the tree does not have. Where the tree has something else than a
 * group, nothing is missing: it is wrong, and the schema says so.
 */
export function missingSecrets(schema: z.ZodObject, tree: unknown): string[][] {
  if (tree !== undefined && !isGroup(tree)) return [];
  return Object.entries(schema.shape).flatMap(([key, field]) => {
    const value = tree?.[key];
    const required = requiredPart(field, value);
    if (required instanceof z.ZodObject) return missingSecrets(required, value).map((rest) => [key, ...rest]);
    return required !== undefined && value === undefined ? [[key]] : [];
  });
}

function requiredPart(field: unknown, value: unknown): unknown {
  if (!(field instanceof z.ZodOptional)) return field;
  return value === undefined ? undefined : field.unwrap();
}

/** The tree with `value(path)` at each path that is missing. */
export function fillSecrets(tree: unknown, paths: readonly string[][], value: (path: string[]) => string): unknown {
  if (paths.length === 0) return tree ?? {};
  const filled = isGroup(tree) ? structuredClone(tree) : {};
  for (const path of paths) {
    let branch = filled;
    for (const step of path.slice(0, -1)) branch = (branch[step] ??= {}) as Record<string, unknown>;
    branch[path.at(-1) ?? ""] = value(path);
  }
  return filled;
}
