/** What the settings say that rules check, and the slice of a stack file as a whole. */
import { noticesFrom, serverParameters, type SystemFacts } from "../../settings/slices/facts.ts";
import { shape } from "../../settings/slices/shape.ts";
import { isPlaceholder } from "../../settings/slices/migrations.ts";
import { bowMarkDifferences } from "./differences.ts";
import { bowMarkShapes } from "./shapes.ts";
import { bowMarkSecrets, bowMarkSetting, type BowMarkSetting } from "./settings.ts";

/** What the rules of `settings/rules` check against the platform. */
function bowMarkFacts(settings: BowMarkSetting): SystemFacts {
  const hosts = [
    ...settings.hosts.paving.map((host, i): [string, string] => [`hosts.paving[${i}]`, host]),
    ...settings.hosts.concrete.map((host, i): [string, string] => [`hosts.concrete[${i}]`, host]),
  ];
  return {
    namespace: settings.namespace,
    tags: { imageTag: settings.imageTag },
    pools: { "pools.servers": settings.pools.servers, "pools.everythingElse": settings.pools.everythingElse },
    hosts: Object.fromEntries(hosts),
    served: Object.fromEntries(hosts.map(([path, host]) => [path, { host, by: "edge" as const }])),
    buckets: {
      "bucket.name": settings.bucket,
      ...(settings.backup === false ? {} : { "backup.bucket.name": settings.backup.bucket }),
    },
    services: { database: settings.database },
    parameters: serverParameters(settings),
    pullSecret: settings.images.pullSecret,
    registry: settings.images.repository,
    migrations: { migrations: settings.migrations },
    shapes: shape(bowMarkShapes(settings), settings.workloads),
    workloads: settings.workloads,
    refused: Object.fromEntries(
      settings.webSocketPaths
        .map((path, i) => [path, i] as const)
        .filter(([path]) => !settings.serverPaths.includes(path))
        .map(([path, i]) => [
          `webSocketPaths[${i}]`,
          {
            value: path,
            problem: "is none of serverPaths, so the client would get its WebSockets",
            fix: `add it to serverPaths, or use one of ${settings.serverPaths.join(", ")}`,
            others: ["serverPaths"],
          },
        ]),
    ),
    neededInProduction: isPlaceholder(settings.migrations)
      ? {
          migrations:
            `copy the application's db/migrations to ${settings.migrations} (docs/releasing.md, "Migrations"): with the ` +
            "placeholder alone the consumers drop every event for want of their tables",
        }
      : {},
    notices: noticesFrom(bowMarkDifferences, settings),
  };
}

/** What a stack may say of the system, and what follows from it. */
export const bowMarkSlice = {
  setting: bowMarkSetting,
  secrets: bowMarkSecrets,
  facts: bowMarkFacts,
  differences: bowMarkDifferences,
};
