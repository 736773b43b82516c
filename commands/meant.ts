/** Suggests what was probably meant. Names of stacks, systems and branches are short, and people shorten them. Pure. */
import { nearest } from "../settings/reading/nearest.ts";

/** ` Did you mean prod?`, or nothing if no known name is like the given one. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearest(name, known) ?? known.find((one) => sameLetters(one, name) || sameStart(one, name));
  return near === undefined ? "" : ` Did you mean ${near}?`;
}

/** Whether letters have only changed places: `mian`. */
function sameLetters(one: string, other: string): boolean {
  const sorted = (word: string) => word.split("").toSorted().join("");
  return sorted(one) === sorted(other);
}

/** Whether one is short for the other, or both begin alike: `stage`. */
function sameStart(one: string, other: string): boolean {
  return other.length >= 3 && one.startsWith(other.slice(0, 3));
}
