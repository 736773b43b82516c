/** Masks what may be a secret among values that were read from a cluster: nothing says which are. Pure. */
import { mask } from "../../graph/masking.ts";
import { isGroup } from "../../settings/reading/group.ts";
import { isSameItem } from "./values.ts";

/** Words in the name of a variable or key that say its value is a secret, or holds one. */
const secretName = /pass|secret|token|key|credential|auth|private|cert|dsn|uri|url|salt|hash/i;
/** A URL with a password, a private key, or a password on a command line. */
const secretText = /:\/\/[^\s/@]*:[^\s@]+@|PRIVATE KEY|--?\w*(password|token|secret)[= ]\S/i;

/**
 * A live value with a mask in the place of each text that may be a secret. What the program sets to the same value is no secret, or
 * is masked already.
 */
export function scrubbed(live: unknown, desired: unknown, name = ""): unknown {
  if (live === desired) return live;
  if (Array.isArray(live)) {
    const others: readonly unknown[] = Array.isArray(desired) ? desired : [];
    return live.map((item: unknown, i) =>
      scrubbed(item, others.find((one) => isSameItem(one, item)) ?? others[i], name),
    );
  }
  if (isGroup(live)) {
    const other = isGroup(desired) ? desired : {};
    // An item of `env` has its name beside its value.
    const own = typeof live["name"] === "string" && "value" in live ? live["name"] : undefined;
    return Object.fromEntries(
      Object.entries(live).map(([key, value]) => [
        key,
        scrubbed(value, other[key], key === "value" ? (own ?? key) : key),
      ]),
    );
  }
  return typeof live === "string" && isSecret(live, name) ? mask : live;
}

/** Names of fields of Kubernetes' own that only sound as if they were secrets. */
const harmless = new Set([
  "secretName",
  "secretKeyRef",
  "key",
  "topologyKey",
  "name",
  "authority",
  "whenUnsatisfiable",
]);

function isSecret(text: string, name: string): boolean {
  return secretText.test(text) || (secretName.test(name) && !harmless.has(name));
}
