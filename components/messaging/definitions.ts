import { createHash } from "node:crypto";
import { bytes } from "../../catalogue/quantity.ts";

/** A password in the form in which RabbitMQ stores it: base64 of the salt, followed by the SHA-256 of salt and password. */
export function passwordHash(password: string, salt: Buffer): string {
  const hash = createHash("sha256").update(salt).update(password, "utf8").digest();
  return Buffer.concat([salt, hash]).toString("base64");
}

/**
 * Definitions that RabbitMQ imports at every start: one administrator, the virtual hosts, and all permissions on each of them.
 * A broker with definitions to import does not make its default user and virtual host.
 *
 * @param hash the password as `passwordHash` returns it
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
 * Content of a file for RabbitMQ's `conf.d`: the container's memory limit, and further settings. Without the limit RabbitMQ
 * takes the memory of the whole node for its own, and is killed before it makes publishers wait.
 *
 * @param limit memory limit of the container, a Kubernetes quantity such as `1Gi`
 * @param settings lines of rabbitmq.conf by name, such as `consumer_timeout`
 */
export function brokerConfig(limit: string, settings: Readonly<Record<string, string>>): string {
  const all = { total_memory_available_override_value: String(bytes(limit)), ...settings };
  return Object.entries(all)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join("");
}
