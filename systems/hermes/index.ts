import type * as pulumi from "@pulumi/pulumi";
import { portOf } from "../../catalogue/addresses.ts";
import { PostgresDatabase } from "../../components/database/postgres-database.ts";
import { sqlMigration } from "../../components/database/sql-migration.ts";
import { after, outside } from "../../components/connections/destinations.ts";
import { ownImage } from "../../components/site/own-image.ts";
import { System } from "../../components/platform/system.ts";
import type { Site } from "../../components/site/site.ts";
import { scrapeTarget } from "../../components/monitoring/scrape-target.ts";
import { SecretObject } from "../../components/workload/config-objects.ts";
import { samePort } from "../../components/workload/service.ts";
import { Workload } from "../../components/workload/workload.ts";
import { shape, wantedConnections } from "../../settings/slices/shape.ts";
import { databaseName, workloadName } from "./names.ts";
import { hermesShapes } from "./shapes.ts";
import type { Secrets } from "../../settings/secrets.ts";
import { hermesMonitoring } from "./monitoring.ts";
import type { HermesSecrets, HermesSetting } from "./settings.ts";

/**
 * Hermes' IPFS cache: one service that follows a Substreams endpoint, fetches what its blocks refer to from IPFS, and keeps
 * it in PostgreSQL for the other Hermes services. A cursor in the database makes restarts safe, and two at once unsafe.
 *
 * Source: the plan "Deploy hermes-ipfs-cache".
 */
export class Hermes extends System {
  readonly outputs;
  readonly operatorSecrets: Record<string, pulumi.Output<string>>;

  constructor(
    name: string,
    settings: HermesSetting,
    secrets: Secrets<HermesSecrets>,
    site: Site,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const shapes = shape(hermesShapes(settings), settings.workloads);
    const { pullSecret } = settings.images;
    const { registryPassword } = secrets;
    super(
      "doks-systems:hermes:Hermes",
      name,
      { site, namespace: settings.namespace, shapes, pullSecret, registryPassword },
      opts,
    );
    const { place, own } = this;

    const database = new PostgresDatabase(
      `${name}-postgres`,
      {
        ...place,
        setting: settings.database,
        serverName: "ipfs-cache-postgres",
        fullHostName: true,
        cloudName: "ipfs-cache",
        claimName: "data",
        user: databaseName,
        databases: [databaseName],
        secret: {
          objectName: "ipfs-cache-db-credentials",
          userKey: "POSTGRES_USER",
          passwordKey: "POSTGRES_PASSWORD",
          values: (connection) => ({
            DATABASE_URL: connection.url(databaseName),
            POSTGRES_USER: connection.user,
            POSTGRES_PASSWORD: connection.password,
          }),
        },
        wantedConnections: wantedConnections(shapes),
        existingPassword: secrets.databasePassword,
      },
      own,
    );
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
    const substreams = new SecretObject(
      `${name}-substreams`,
      {
        ...place,
        objectName: "substreams-credentials",
        values: {
          SUBSTREAMS_ENDPOINT: settings.substreamsEndpoint,
          SUBSTREAMS_API_TOKEN: secrets.substreamsApiToken,
        },
      },
      own,
    );

    const { metrics } = settings;
    const cache = new Workload(
      `${name}-cache`,
      {
        ...place,
        workloadName,
        labels: { app: workloadName },
        // Two pods at once would write one cursor.
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
      },
      own,
    );
    if (metrics !== undefined) scrapeTarget(`${name}-cache`, { site, to: cache, path: metrics.path }, this);
    hermesMonitoring(name, settings, place, this);
    const backup = this.backup({
      setting: settings.backup,
      database,
      taskName: "ipfs-cache-backup",
      existingKey: secrets.backupBucket,
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
    this.operatorSecrets = database.password === undefined ? {} : { "postgres-password": database.password };
    this.registerOutputs({ namespace: place.namespace.namespaceName });
  }
}
