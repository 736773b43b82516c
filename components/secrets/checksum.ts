import { createHmac } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/**
 * HMAC-SHA256 of some content, cut to 16 hexadecimal characters; the result is not secret, even if the content is.
 *
 * @param key a random value of the stack, without which nobody can try passwords against the checksum of their Secret
 */
export function checksum(key: pulumi.Input<string>, content: pulumi.Input<unknown>): pulumi.Output<string> {
  return pulumi.unsecret(pulumi.all([key, content]).apply(([k, value]) => digest(k, value)));
}

/** The checksum of a plain value. The order of an object's keys does not change it. */
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
