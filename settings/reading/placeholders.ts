/** Texts in the place of secrets that a preview does not know. Pure. */

const encrypted = "encrypted-";
const absent = "placeholder-for-";

/** In the place of a secret that only the engine can decrypt. */
export function encryptedText(path: string): string {
  return `${encrypted}${path.replace(/^.*?secrets\./, "").replaceAll(".", "-")}`;
}

/** In the place of a secret that is required and not there. */
export function absentText(path: readonly string[]): string {
  return `${absent}${path.join("-")}`;
}

/** Whether a text stands in the place of a secret, so that nothing can be said about its form. */
export function isPlaceholder(value: unknown): boolean {
  return typeof value === "string" && (value.startsWith(encrypted) || value.startsWith(absent));
}
