import { createHash } from "node:crypto";

/**
 * Redis' list of users: one, known by the SHA-256 of its password, who may do everything but administer the server. The
 * default user, whom clients are before they log in, is off unless it is that one.
 *
 * `INFO` is among the dangerous commands and allowed: clients ask it whether the server has loaded its data.
 */
export function redisUsers(user: string, password: string): string {
  const hash = createHash("sha256").update(password, "utf8").digest("hex");
  const users = [
    ...(user === "default" ? [] : ["user default off"]),
    `user ${user} reset on #${hash} ~* &* +@all -@admin -@dangerous +info`,
  ];
  return `${users.join("\n")}\n`;
}
