/** What a running Bow-Mark has in Secrets, by its document. */
import type { Taken } from "../../settings/slices/taken.ts";
import type { BowMarkSetting } from "./settings.ts";

export function bowMarkTaken({ database, bucket }: BowMarkSetting): readonly Taken[] {
  return [
    ...(database.kind === "managed"
      ? []
      : [
          {
            ...{ secret: "postgres", key: "password", setting: "bowmark.databasePassword" },
            insteadOf: "password of `postgres`",
          },
        ]),
    {
      ...{ secret: "rabbitmq", key: "password", setting: "bowmark.rabbitmqPassword" },
      insteadOf: "password of `rabbitmq`",
    },
    { secret: "general", key: "jwtSecret", setting: "bowmark.jwtSecret", insteadOf: "what signs tokens" },
    { secret: "paving", key: "mongoURI", setting: "bowmark.paving.mongoUri" },
    { secret: "concrete", key: "mongoURI", setting: "bowmark.concrete.mongoUri" },
    { secret: "email", key: "password", setting: "bowmark.email.password" },
    { secret: "search", key: "apiKey", setting: "bowmark.search.apiKey" },
    ...(bucket.kind === "existing"
      ? [
          { secret: "spaces", key: "key", setting: "bowmark.bucket.key" },
          { secret: "spaces", key: "secret", setting: "bowmark.bucket.secret" },
        ]
      : []),
  ];
}
