/**
 * Makes the program agree with what is there: looks, suggests settings, renders the stack with them, and looks again, until there
 * is nothing more to suggest.
 */
import type { Patch } from "../../graph/render/configuration.ts";
import { maskedResources } from "../../graph/masking.ts";
import { render, type Rendering } from "../../graph/render/render.ts";
import type { Resource } from "../../graph/resource.ts";
import { byUrn } from "../../graph/stack.ts";
import type { Ground } from "../ground/ground.ts";
import { match, type Matches } from "../match/match.ts";
import { addons } from "./addons.ts";
import { cloudNames, cloudValues } from "./cloud.ts";
import { cluster } from "./cluster.ts";
import { images } from "./images.ts";
import { members } from "./members.ts";
import { namespaces } from "./namespaces.ts";
import { pullSecrets } from "./pull-secrets.ts";
import { running } from "./running.ts";
import { patchOf, type Agree, type Seen, type Suggestion } from "./suggestion.ts";

/** In the order in which they are asked: where something is first, then what it is like. */
const agreements: readonly Agree[] = [
  ...[cluster, addons, namespaces, cloudNames],
  ...[cloudValues, pullSecrets, images, members, running],
];

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

/** What is to agree with what. */
interface Asked {
  readonly stack: string;
  readonly ground: Ground;
  /** Paths of suggestions that are wrong. */
  readonly refuse: readonly string[];
  /** Changes to the stack file, before any suggestion. */
  readonly patch: Patch;
}

/** Looks for what a stack would make, and for the settings that agree with it. */
export async function agree({ stack, ground, refuse, patch }: Asked): Promise<Agreed> {
  const suggestions = new Map<string, Suggestion>();
  const others = new Map<string, Suggestion>();
  for (let round = 0; ; round += 1) {
    const rendering = await render(stack, patchOf([...suggestions.values()], patch));
    const resources = maskedResources(rendering);
    const matches = await match(resources, ground);
    const seen = { rendering, resources, all: byUrn(resources), ground, matches };
    const fresh = round === mostRounds ? [] : await suggest(seen, suggestions, refuse, others);
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
