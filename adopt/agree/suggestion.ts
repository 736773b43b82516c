/** A setting that makes the program agree with what is there. */
import { isGroup } from "../../settings/reading/group.ts";
import { project } from "../../settings/reading/keys.ts";
import { stepsOf } from "../../settings/reading/paths.ts";
import type { Patch } from "../../graph/render/configuration.ts";
import type { Rendering } from "../../graph/render/render.ts";
import type { Resource } from "../../graph/resource.ts";
import type { ByUrn } from "../../graph/stack.ts";
import type { Ground } from "../ground/ground.ts";
import type { Matches } from "../match/match.ts";

export interface Suggestion {
  /** Path of the setting, without the project: `bowmark.namespace`. Whoever knows better refuses it by this path. */
  readonly path: string;
  /** What the setting becomes; a group is put over the one that is there, key by key. */
  readonly value: unknown;
  /** The rest of a sentence that begins with the path: what was seen. */
  readonly why: string;
}

/** What suggestions are made of. */
export interface Seen {
  readonly rendering: Rendering;
  /** The stack's resources, masked. */
  readonly resources: readonly Resource[];
  readonly all: ByUrn;
  readonly ground: Ground;
  readonly matches: Matches;
}

/** Finds settings that would make the program agree. */
export type Agree = (seen: Seen) => Promise<readonly Suggestion[]> | readonly Suggestion[];

/**
 * Suggestions as changes to a stack file.
 *
 * @param before changes that are made before them
 */
export function patchOf(suggestions: readonly Suggestion[], before: Patch = {}): Record<string, unknown> {
  return suggestions.reduce<Record<string, unknown>>((patch, { path, value }) => {
    const [key = "", ...steps] = stepsOf(path);
    const nested = steps.toReversed().reduce<unknown>((inner, step) => ({ [step]: inner }), value);
    return merged(patch, { [`${project}:${key}`]: nested });
  }, before);
}

function merged(one: Record<string, unknown>, other: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(other).map(([key, value]) => {
    const known = one[key];
    return [key, isGroup(known) && isGroup(value) ? merged(known, value) : value] as const;
  });
  return { ...one, ...Object.fromEntries(entries) };
}
