import { closest, distance } from "fastest-levenshtein";

/** The name that was probably meant; nothing where none is like it: up to a third of the letters may be others. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const best = closest(name, [...known]);
  const letters = Math.max(name.length, best.length);
  return distance(name.toLowerCase(), best.toLowerCase()) <= Math.max(1, Math.floor(letters / 3)) ? best : undefined;
}

/** The five names that are most like one. */
export function mostAlike(name: string, known: readonly string[]): string[] {
  return known.toSorted((a, b) => distance(a, name) - distance(b, name)).slice(0, 5);
}
