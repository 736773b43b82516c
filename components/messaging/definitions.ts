import { createHash } from "node:crypto";
import { bytes } from "../../catalogue/quantity.ts";

/** RabbitMQ's stored form of a password: base64 of the salt and the SHA-256 of salt and password. */
export function passwordHash(password: string, salt: Buffer): string {
  const hash = createHash("sha256").update(salt).update(password, "utf8").digest();
  return Buffer.concat([salt, hash]).toString("base64");
}

/**
 * The definitions that the broker imports at every start: one administrator, the virtual hosts, its permissions on each.
 *
 * They replace the default user and virtual host: with definitions to load, the broker makes neither.
 */
export function brokerDefinitions(user: string, hash: string, vhosts: readonly string[]): object {
  const permission = { user, configure: ".*", write: ".*", read: ".*" };
  return {
    users: [
      { name: user, password_hash: hash, hashing_algorithm: "rabbit_password_hashing_sha256", tags: ["administrator"] },
    ],
    vhosts: vhosts.map((name) => ({ name })),
    permissions: vhosts.map((vhost) => ({ ...permission, vhost })),
  };
}

/**
 * What the broker is told beside its definitions. Without the first line it takes the node's memory for its own, and is
 * killed before it ever asks publishers to wait.
 *
 * @param limit the container's memory, as a Kubernetes quantity
 */
export function brokerConfig(limit: string, settings: Readonly<Record<string, string>>): string {
  const all = { total_memory_available_override_value: String(bytes(limit)), ...settings };
  return Object.entries(all)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join("");
}
