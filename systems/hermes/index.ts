import type * as pulumi from "@pulumi/pulumi";
import { portOf } from "../../catalogue/addresses.ts";
import { sqlMigration } from "../../components/database/sql-migration.ts";
import { after, outside } from "../../components/connections/destinations.ts";
import { ownImage } from "../../components/site/own-image.ts";
import { System } from "../../components/platform/system.ts";
import type { Site } from "../../components/site/site.ts";
import { scrapeTarget } from "../../components/monitoring/scrape-target.ts";
import { samePort } from "../../components/workload/service.ts";
import { databaseName, workloadName } from "./names.ts";
import type { SystemOn } from "../../settings/secrets.ts";
import { hermesMonitoring } from "./monitoring.ts";
import type { HermesSecrets, HermesSetting } from "./settings.ts";

/**
 * Hermes' IPFS cache: one service that follows a Substreams endpoint, fetches the documents that its blocks refer to from IPFS,
 * and keeps them in PostgreSQL for the other Hermes services. After a restart it continues at the cursor in the database. Two
 * pods would overwrite each other's cursor, so there is one.
 *
 * Source: the plan "Deploy hermes-ipfs-cache".
 */
export class Hermes extends System {
  readonly outputs;
  readonly operatorSecrets;

  constructor(
    name: string,
    on: SystemOn<HermesSetting, HermesSecrets>,
    site: Site,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("doks-systems:hermes:Hermes", name, { ...on, site }, opts);
    const { settings, secrets } = on;
    const { place } = this;

    const database = this.postgres({
      setting: settings.database,
      serverName: "ipfs-cache-postgres",
      cloudName: "ipfs-cache",
      fullHostName: true,
      databases: [databaseName],
      secretName: "ipfs-cache-db-credentials",
      secretKeys: { url: "DATABASE_URL", user: "POSTGRES_USER", password: "POSTGRES_PASSWORD" },
    });
    const migration = sqlMigration(
      `${name}-migrate`,
      {
        ...place,
        taskName: "ipfs-cache-migrate",
        objectName: "ipfs-cache-migrations",
        folder: settings.migrations,
        database,
      },
      this,
    );
    const substreams = this.secretObject("substreams", "substreams-credentials", () => ({
      SUBSTREAMS_ENDPOINT: settings.substreamsEndpoint,
      SUBSTREAMS_API_TOKEN: secrets.substreamsApiToken,
    }));

    const { metrics } = settings;
    const cache = this.workload("cache", {
      workloadName,
      // Without sharding two pods would write the same cursor, so the old one stops before the new one starts.
      update: settings.sharding ? "surge" : "recreate",
      services:
        metrics === undefined
          ? []
          : [{ serviceName: `${workloadName}-metrics`, ports: [samePort("metrics", metrics.port)] }],
      connectsTo: [
        after(database.endpoint, migration.done),
        outside("substreams", portOf(settings.substreamsEndpoint)),
        outside("ipfs-gateway", portOf(settings.ipfsGateway)),
      ],
      pod: {
        containers: [
          {
            name: workloadName,
            image: ownImage(site, settings.images, workloadName, settings.imageTag),
            env: {
              DATABASE_URL: database.secret.key("DATABASE_URL"),
              SUBSTREAMS_ENDPOINT: substreams.key("SUBSTREAMS_ENDPOINT"),
              SUBSTREAMS_API_TOKEN: substreams.key("SUBSTREAMS_API_TOKEN"),
              [settings.variableNames.ipfsGateway]: settings.ipfsGateway,
              [settings.variableNames.startBlock]: String(settings.startBlock),
              [settings.variableNames.endBlock]: String(settings.endBlock),
              RUST_LOG: settings.logLevel,
              ...database.trust.env,
            },
            mounts: database.clientMounts,
          },
        ],
      },
    });
    if (metrics !== undefined) scrapeTarget(`${name}-cache`, { site, to: cache, path: metrics.path }, this);
    hermesMonitoring(name, settings, place, this);
    const backup = this.backup({
      setting: settings.backup,
      database,
      taskName: "ipfs-cache-backup",
    });

    this.outputs = {
      namespace: place.namespace.namespaceName,
      deployment: workloadName,
      databaseKind: settings.database.kind,
      databaseHost: database.connection.host,
      databasePort: database.connection.port,
      databaseName,
      registry: settings.images.registry ?? site.registry?.path,
      backupBucket: backup?.bucket.bucketName,
    };
    this.operatorSecrets = { "postgres-password": database.password };
    this.registerOutputs({ namespace: place.namespace.namespaceName });
  }
}
