/** What a running GX Protocol has in Secrets, by its guide. */
import type { Taken } from "../../settings/slices/taken.ts";
import type { GxSetting } from "./settings.ts";

export function gxTaken({ database, redis, fabric, existingSecrets }: GxSetting): readonly Taken[] {
  const secret = "backend-secrets";
  const given = fabric !== false && existingSecrets["fabric-credentials"] === undefined;
  return [
    ...(database.kind === "managed"
      ? []
      : [{ secret, key: "DATABASE_PASSWORD", setting: "gx.databasePassword", insteadOf: "password of `postgres`" }]),
    ...(redis.kind === "managed"
      ? []
      : [{ secret, key: "REDIS_PASSWORD", setting: "gx.redisPassword", insteadOf: "password of `redis`" }]),
    { secret, key: "JWT_SECRET", setting: "gx.jwtSecret", insteadOf: "what signs tokens" },
    ...(given
      ? [
          { secret: "fabric-credentials", key: "cert.pem", setting: "gx.fabric.certificate" },
          { secret: "fabric-credentials", key: "key.pem", setting: "gx.fabric.key" },
          { secret: "fabric-credentials", key: "ca-cert.pem", setting: "gx.fabric.caCertificate" },
        ]
      : []),
  ];
}
