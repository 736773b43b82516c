/** What a running dotdo has in its Secret, by the README of its chart. */
import type { Taken } from "../../settings/slices/taken.ts";
import type { DotdoSetting } from "./settings.ts";

export function dotdoTaken({ existingSecrets, storage, redis, apiKey }: DotdoSetting): readonly Taken[] {
  const secret = "dotdo-secrets";
  if (existingSecrets[secret] !== undefined) return [];
  const ownKey = storage.kind === "r2" || storage.bucket.kind === "existing";
  return [
    { secret, key: "turso-token", setting: "dotdo.tursoToken" },
    ...(ownKey
      ? [
          { secret, key: "r2-access-key", setting: "dotdo.r2.key" },
          { secret, key: "r2-secret-key", setting: "dotdo.r2.secret" },
        ]
      : []),
    ...(redis === false || redis.kind === "managed"
      ? []
      : [{ secret, key: "redis-password", setting: "dotdo.redisPassword", insteadOf: "password of `dotdo-redis`" }]),
    ...(apiKey === "none" ? [] : [{ secret, key: "api-key", setting: "dotdo.apiKey", insteadOf: "key of clients" }]),
  ];
}
