/** What a running installation has in Secrets, and where the stack's secrets take it over. */

/** One value of a running installation, and its place among the stack's secrets. */
export interface Taken {
  /** `metadata.name` of the Secret that has the value in the running installation, by the system's document. */
  readonly secret: string;
  /** Key of that Secret. The value is what the key holds, decoded once: the text that processes get. */
  readonly key: string;
  /** Path below `doks-systems:secrets`: `bowmark.databasePassword`. */
  readonly setting: string;
  /** What of the value is taken. @default - all of it */
  readonly part?: "password of the URL";
  /**
   * What of this program's would otherwise be generated, and so would not be what is in use; undefined for a value that comes
   * from elsewhere, which the stack requires anyway.
   */
  readonly insteadOf?: string;
}

/**
 * A value as the stack's secrets take it.
 *
 * @param value what the key of the Secret holds, decoded once
 * @returns undefined if it has no such part: a URL without a password
 */
export function takenValue({ part }: Taken, value: string): string | undefined {
  if (part === undefined) return value;
  const url = URL.parse(value);
  if (url === null || url.password === "") return undefined;
  return decodeURIComponent(url.password);
}
