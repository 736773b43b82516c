/** Names at DigitalOcean: letters, digits and dashes, from a letter on, at most 63; the strictest of its products' rules. */
import { createHash } from "node:crypto";

const longest = 63;

/**
 * A name made of parts, such as a stack's: what a product would refuse becomes a dash (`dev_eu`: `dev-eu`), and what is too long
 * is cut and told apart by a few letters of its hash. A name that begins with a digit gets an `s` before it.
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
