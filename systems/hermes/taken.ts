/** What a running Hermes has in Secrets, by its plan. */
import type { Taken } from "../../settings/slices/taken.ts";
import type { HermesSetting } from "./settings.ts";

export function hermesTaken({ database }: HermesSetting): readonly Taken[] {
  const secret = "ipfs-cache-db-credentials";
  const setting = "hermes.databasePassword";
  const insteadOf = "password of `ipfs-cache-postgres`";
  return [
    ...(database.kind === "managed"
      ? []
      : [
          { secret, key: "POSTGRES_PASSWORD", setting, insteadOf },
          // The plan's own command makes the Secret with the URL alone.
          { secret, key: "DATABASE_URL", part: "password of the URL" as const, setting, insteadOf },
        ]),
    {
      secret: "substreams-credentials",
      key: "SUBSTREAMS_API_TOKEN",
      setting: "hermes.substreamsApiToken",
    },
  ];
}
