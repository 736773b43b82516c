/** What a running Caracal has in Secrets, by the README of its manifests. */
import type { Taken } from "../../settings/slices/taken.ts";
import type { CaracalSetting } from "./settings.ts";

/**
 * Of the gateway's certificates only with `certificates.kind: given`: the private key of the authority is in no Secret, its file
 * is with whoever made it.
 */
export function caracalTaken({ database, redis, certificates }: CaracalSetting): readonly Taken[] {
  const secret = "caracal-secrets";
  const setting = "caracal.certificates";
  return [
    ...(database.kind === "managed"
      ? []
      : [
          {
            secret,
            key: "DB_PASSWORD",
            setting: "caracal.databasePassword",
            insteadOf: "password of `caracal-postgres`",
          },
        ]),
    ...(redis.kind === "managed"
      ? []
      : [
          { secret, key: "REDIS_PASSWORD", setting: "caracal.redisPassword", insteadOf: "password of `caracal-redis`" },
        ]),
    ...(certificates.kind === "given"
      ? [
          { secret: "caracal-tls", key: "server.crt", setting: `${setting}.server` },
          { secret: "caracal-tls", key: "server.key", setting: `${setting}.serverKey` },
          { secret: "caracal-tls", key: "ca.crt", setting: `${setting}.authority` },
        ]
      : []),
    {
      ...{ secret: "caracal-merkle-keys", key: "merkle_signing_key.pem", setting: "caracal.merkleSigningKey" },
      insteadOf: "what signs the ledger",
    },
  ];
}
