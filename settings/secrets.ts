/** Secrets of a stack: the tree of texts at `doks-systems:secrets`. The program gets each text as an Output marked secret. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { isGroup } from "./reading/group.ts";
import type { SystemFacts } from "./slices/facts.ts";

/** A tree of secrets, with an Output in place of each text. */
export type Secrets<T> = T extends string ? pulumi.Output<string> : { [Key in keyof T]: Secrets<T[Key]> };

/** Everything that the stack says about a system that is on; the constructor of the system takes it. */
export interface SystemOn<Setting, SecretTree> {
  readonly settings: Setting;
  readonly secrets: Secrets<SecretTree>;
  /** What follows from the settings: shapes of the workloads, hosts, buckets and more. */
  readonly facts: SystemFacts;
}

/** Marks every text of a tree as secret. */
export function wrapSecrets<T>(tree: T): Secrets<T> {
  if (typeof tree === "string") return pulumi.secret(tree) as unknown as Secrets<T>;
  const entries = Object.entries(tree as object).map(([key, value]) => [key, wrapSecrets(value)]);
  return Object.fromEntries(entries) as Secrets<T>;
}

/**
 * Paths of the texts that the schema requires and the tree lacks. A tree that is not a group at all lacks nothing: the schema
 * reports it as wrong.
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

/** A copy of the tree, with `value(path)` at each of the paths. */
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
