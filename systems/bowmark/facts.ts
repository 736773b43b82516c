/** What Bow-Mark contributes to the settings, with the facts that only this system has. */
import { isPlaceholder } from "../../settings/slices/migrations.ts";
import type { SystemFacts } from "../../settings/slices/facts.ts";
import { heldElsewhere, servedHosts, systemSlice } from "../../settings/slices/system.ts";
import { appNames } from "./apps.ts";
import { bowMarkDifferences } from "./differences.ts";
import { bowMarkShapes } from "./shapes.ts";
import { bowMarkSecrets, bowMarkSetting, type BowMarkSetting } from "./settings.ts";
import { bowMarkTaken } from "./taken.ts";

export const bowMarkSlice = systemSlice({
  setting: bowMarkSetting,
  secrets: bowMarkSecrets,
  shapes: bowMarkShapes,
  differences: bowMarkDifferences,
  taken: bowMarkTaken,
  facts: (settings): Partial<SystemFacts> => {
    const hosts = appNames.flatMap((app) =>
      settings.hosts[app].map((host, i): [string, string] => [`hosts.${app}[${i}]`, host]),
    );
    return {
      pools: { "pools.servers": settings.pools.servers, "pools.everythingElse": settings.pools.everythingElse },
      ...servedHosts(Object.fromEntries(hosts), "edge"),
      buckets: {
        "bucket.name": settings.bucket,
        ...(settings.backup === false ? {} : { "backup.bucket.name": settings.backup.bucket }),
      },
      registry: settings.images.repository,
      refused: {
        ...webSocketsRefused(settings),
        ...heldElsewhere(settings.existingSecrets, [
          { secret: "postgres", path: "database", kind: settings.database.kind, what: "password" },
          { secret: "rabbitmq", path: "rabbitmq", kind: settings.rabbitmq.kind, what: "password" },
          { secret: "spaces", path: "bucket", kind: settings.bucket.kind, what: "key" },
        ]),
      },
      notInProduction: clearOverInternet(settings),
      outside: {
        ...Object.fromEntries(
          appNames.map((app) => [
            `secrets.${app}.mongoUri`,
            { what: `MongoDB Atlas of ${app}`, needs: "its access list admits the cluster", admits: true },
          ]),
        ),
        "email.host": {
          what: `SMTP server ${settings.email.host}:${settings.email.port}`,
          needs: `takes mail of ${settings.email.username}`,
        },
        "search.host": { what: `Meilisearch at ${settings.search.host}`, needs: "its API key" },
      },
      neededInProduction: isPlaceholder(settings.migrations)
        ? {
            migrations:
              `copy the application's db/migrations to ${settings.migrations} (docs/releasing.md, "Migrations"): with ` +
              "the placeholder alone the consumers drop every event for want of their tables",
          }
        : {},
    };
  },
});

/** Refuses a path for WebSockets that the edge would send to the client instead of the server. */
function webSocketsRefused({ webSocketPaths, serverPaths }: BowMarkSetting): SystemFacts["refused"] {
  return Object.fromEntries(
    webSocketPaths
      .map((path, i) => [path, i] as const)
      .filter(([path]) => !serverPaths.includes(path))
      .map(([path, i]) => [
        `webSocketPaths[${i}]`,
        {
          value: path,
          problem: "is none of serverPaths, so the client would get its WebSockets",
          fix: `add it to serverPaths, or use one of ${serverPaths.join(", ")}`,
          others: ["serverPaths"],
        },
      ]),
  );
}

/** Refuses to send RabbitMQ's password in the clear over the internet; the image speaks AMQP without TLS. */
function clearOverInternet({ rabbitmq }: BowMarkSetting): SystemFacts["notInProduction"] {
  if (rabbitmq.kind !== "existing" || rabbitmq.where.kind !== "internet") return {};
  const problem = "sends the password in the clear over the internet";
  const fix = "use a broker of the cluster or of a private network: where: {kind: pods} or {kind: private}";
  return { "rabbitmq.where": { value: rabbitmq.where.kind, problem, fix } };
}
