import { closest, distance } from "fastest-levenshtein";

/** The known name that was probably meant: at most a third of its letters differ. Undefined if there is no such name. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const best = closest(name, [...known]);
  const letters = Math.max(name.length, best.length);
  return distance(name.toLowerCase(), best.toLowerCase()) <= Math.max(1, Math.floor(letters / 3)) ? best : undefined;
}

/** The five known names that are most like a name. */
export function mostAlike(name: string, known: readonly string[]): string[] {
  return known.toSorted((a, b) => distance(a, name) - distance(b, name)).slice(0, 5);
}
