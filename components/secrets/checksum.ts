import { createHmac } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/**
 * A short keyed digest of some content: 16 hexadecimal characters, not secret.
 *
 * Keyed by a random value of the stack, so that a password cannot be guessed from the digest of its Secret.
 */
export function checksum(key: pulumi.Input<string>, content: pulumi.Input<unknown>): pulumi.Output<string> {
  return pulumi.unsecret(pulumi.all([key, content]).apply(([k, value]) => digest(k, value)));
}

/** The digest itself; object keys count in sorted order. */
export function digest(key: string, content: unknown): string {
  return createHmac("sha256", key)
    .update(JSON.stringify(sorted(content)))
    .digest("hex")
    .slice(0, 16);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, sorted(inner)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
