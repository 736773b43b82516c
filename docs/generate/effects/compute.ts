/**
 * What a change of each setting does to a running stack: production is rendered before and after, and the difference looked
 * at, in both directions. Nothing of it is written by hand but what `facts.ts` says.
 */
import { SettingsError } from "../../../settings/reading/error.ts";
import type { Place } from "../places.ts";
import { hasEffect, idOf, type Effect } from "../settings-reference.ts";
import { addDoings, addTo, nothing, type Doings } from "./classify.ts";
import { factsOf } from "./facts.ts";
import { rendered, unprotected } from "./stacks.ts";
import { trialsOf, typicalOf, type Trial } from "./trials.ts";
import { isChoice } from "./values.ts";
import { effectOf } from "./words.ts";

/** So many words of a choice are tried; of other values the first that does something stands for all. */
const mostTried = 4;

/**
 * The effect of a setting; undefined for groups, which have those of their settings.
 *
 * @throws {Error} when it cannot be tried, or nothing happens and nobody said why: `facts.ts` is where to say it
 */
export async function effectAt(place: Place): Promise<Effect | undefined> {
  if (!hasEffect(place)) return undefined;
  const { nothing: reason, said } = factsOf(idOf(place));
  if (said !== undefined) return said;
  const effect = await tried(place);
  if (typeof effect === "object") {
    if (reason === undefined) return effect;
    throw new Error(`${idOf(place)} is said to do nothing ${reason}, and does: ${effect.text}`);
  }
  if (reason !== undefined) return { does: "nothing", text: `nothing ${reason}` };
  throw new Error(`${idOf(place)}: ${effect}; say in facts.ts what it needs, or why nothing happens`);
}

/** The effect, or why there is none. */
async function tried(place: Place): Promise<Effect | string> {
  const [doings, elsewhere] = [nothing(), nothing()];
  const refusals: string[] = [];
  let taken = 0;
  for (const trial of trialsOf(place)) {
    const done = await doingsOf(trial);
    if (typeof done === "string") {
      refusals.push(done);
      continue;
    }
    taken += 1;
    addTo(doings, done);
    const there = done.data.has("refused") ? await doingsOf(elsewhereOf(trial)) : "";
    if (typeof there !== "string") addTo(elsewhere, there);
    if (isChoice(place.schema) ? taken >= mostTried : effectOf(done) !== undefined && !trial.unset) break;
  }
  if (taken > 0) return effectOf(doings, elsewhere, typicalOf(place)) ?? "a change does nothing";
  return refusals.length === 0 ? "there is no other value" : triedElsewhere(place, refusals);
}

/** What production refuses, as another stack has it. */
async function triedElsewhere(place: Place, refusals: readonly string[]): Promise<Effect | string> {
  for (const trial of trialsOf(place)) {
    const done = await doingsOf(elsewhereOf(trial));
    const effect = typeof done === "string" ? undefined : effectOf(done, undefined, typicalOf(place));
    if (effect !== undefined) return { ...effect, text: `refused in production; elsewhere ${effect.text}` };
  }
  return refusals.join("; or ");
}

function elsewhereOf({ before, after, unset }: Trial): Trial {
  return { before: unprotected(before), after: unprotected(after), unset };
}

/** What happens in both directions; a text is why the settings refuse it. */
async function doingsOf({ before, after }: Trial): Promise<Doings | string> {
  try {
    const [old, now] = [await rendered(before), await rendered(after)];
    const doings = nothing();
    addDoings(doings, old.resources, now.resources);
    addDoings(doings, now.resources, old.resources);
    return doings;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.map(({ path, problem, fix }) => `${path} ${problem} (${fix})`).join(", ");
  }
}
