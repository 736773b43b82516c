/** Names that follow a rule: of DigitalOcean's resources, and of the servers of a database. Pure. */
import { createHash } from "node:crypto";

// The strictest rule of DigitalOcean's products: at most 63 lower-case letters, digits and dashes, with a letter first.
const longest = 63;

/**
 * A name from parts, joined with dashes. Characters that DigitalOcean refuses become dashes (`dev_eu` gives `dev-eu`),
 * a name that does not begin with a letter gets an `s` before it, and one that is too long is cut and ends with a hash
 * of the whole.
 */
export function cloudName(...parts: readonly string[]): string {
  const whole = parts.join("-");
  const dashed = whole
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  const plain = /^[a-z]/.test(dashed) ? dashed : `s${dashed}`;
  if (plain.length <= longest) return plain;
  const hash = createHash("sha256").update(whole).digest("hex").slice(0, 8);
  return `${plain.slice(0, longest - hash.length - 1).replace(/-+$/, "")}-${hash}`;
}

/** End of the names of a PostgreSQL server, from its number: nothing for the first one, then `-2` and so on. */
export function suffixOf({ generation: number }: { readonly generation: number }): string {
  return number === 1 ? "" : `-${number}`;
}

/**
 * Name under which `workloads` has the settings of a workload: those of `postgres-2` and `postgres-2-setup` are the first
 * server's, so that a move leaves them where they are.
 */
export function settingsName(workload: string): string {
  return workload.replace(/-(?:[2-9]|[1-9][0-9])(?=(?:-setup|-grant)?$)/, "");
}
