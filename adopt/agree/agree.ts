/**
 * Makes the program agree with what is there: looks, suggests settings, renders the stack with them, and looks again, until there
 * is nothing more to suggest.
 */
import { maskedResources } from "../../graph/masking.ts";
import { render, type Rendering } from "../../graph/render/render.ts";
import type { Resource } from "../../graph/resource.ts";
import { byUrn } from "../../graph/stack.ts";
import type { Ground } from "../ground/ground.ts";
import { match, type Matches } from "../match/match.ts";
import { cloudNames, cloudValues } from "./cloud.ts";
import { images } from "./images.ts";
import { namespaces } from "./namespaces.ts";
import { patchOf, type Agree, type Seen, type Suggestion } from "./suggestion.ts";

/** In the order in which they are asked: where something is first, then what it is like. */
const agreements: readonly Agree[] = [namespaces, cloudNames, cloudValues, images];

/** More rounds than any chain of suggestions has. */
const mostRounds = 8;

/** A stack with the settings that agree. */
export interface Agreed {
  readonly suggestions: readonly Suggestion[];
  /** Suggestions that were refused. */
  readonly refused: readonly Suggestion[];
  readonly rendering: Rendering;
  /** Masked. */
  readonly resources: readonly Resource[];
  readonly matches: Matches;
}

/**
 * Looks for what a stack would make, and for the settings that agree with it.
 *
 * @param refused paths of suggestions that are wrong
 */
export async function agree(stack: string, ground: Ground, refused: readonly string[]): Promise<Agreed> {
  const suggestions = new Map<string, Suggestion>();
  const others = new Map<string, Suggestion>();
  for (let round = 0; ; round += 1) {
    const rendering = await render(stack, patchOf([...suggestions.values()]));
    const resources = maskedResources(rendering);
    const matches = await match(resources, ground);
    const seen = { rendering, resources, all: byUrn(resources), ground, matches };
    const fresh = round === mostRounds ? [] : await suggest(seen, suggestions, refused, others);
    if (fresh.length === 0)
      return { rendering, resources, matches, suggestions: [...suggestions.values()], refused: [...others.values()] };
    for (const one of fresh) suggestions.set(one.path, one);
  }
}

async function suggest(
  seen: Seen,
  known: ReadonlyMap<string, Suggestion>,
  refused: readonly string[],
  others: Map<string, Suggestion>,
): Promise<Suggestion[]> {
  for (const one of agreements) {
    const found = (await one(seen)).filter(({ path }) => !known.has(path));
    for (const wrong of found.filter(({ path }) => refused.includes(path))) others.set(wrong.path, wrong);
    const fresh = found.filter(({ path }) => !refused.includes(path));
    // What follows may look different once this is so.
    if (fresh.length > 0) return fresh;
  }
  return [];
}
