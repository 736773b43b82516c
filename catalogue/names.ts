/**
 * Names of DigitalOcean's resources, by the strictest of its products' rules: at most 63 lower-case letters, digits and
 * dashes, with a letter first.
 */
import { createHash } from "node:crypto";

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
