import { createHash } from "node:crypto";

/**
 * Redis' ACL file with one user, who may do everything but administer the server. It holds the SHA-256 of the user's
 * password, not the password. Redis treats clients as user `default` until they log in, so that user is off unless it is the
 * one in the file.
 *
 * `INFO` belongs to Redis' category `@dangerous`. It is allowed all the same, because clients ask it whether the server has
 * loaded its data.
 */
export function redisUsers(user: string, password: string): string {
  const hash = createHash("sha256").update(password, "utf8").digest("hex");
  const users = [
    ...(user === "default" ? [] : ["user default off"]),
    `user ${user} reset on #${hash} ~* &* +@all -@admin -@dangerous +info`,
  ];
  return `${users.join("\n")}\n`;
}
