import type * as pulumi from "@pulumi/pulumi";
import { PostgresDatabase } from "../../components/database/postgres-database.ts";
import { sqlMigration } from "../../components/database/sql-migration.ts";
import { after, outside } from "../../components/network/connections.ts";
import { admitNeighbours } from "../../components/network/neighbours.ts";
import { ownImage } from "../../components/platform/images.ts";
import { System } from "../../components/platform/system.ts";
import type { Site } from "../../components/platform/site.ts";
import { scrapeTarget } from "../../components/monitoring/scrape-target.ts";
import { SecretObject } from "../../components/workload/config-objects.ts";
import type { Container } from "../../components/workload/pod.ts";
import { samePort } from "../../components/workload/service.ts";
import { Workload } from "../../components/workload/workload.ts";
import type { Secrets } from "../../settings/secrets.ts";
import { hermesMonitoring } from "./monitoring.ts";
import type { HermesSecrets, HermesSetting } from "./settings.ts";

const workloadName = "hermes-ipfs-cache";
const databaseName = "ipfs_cache";

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
    super("doks-systems:hermes:Hermes", name, { site, namespace: settings.namespace }, opts);
    const { place, own } = this;
    const { pool } = settings;

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
        pool,
        existingPassword: secrets.databasePassword,
      },
      own,
    );
    admitNeighbours(`${name}-readers`, settings.readers, database.endpoint, this);
    const migration = sqlMigration(
      `${name}-migrate`,
      {
        ...place,
        taskName: "ipfs-cache-migrate",
        objectName: "ipfs-cache-migrations",
        folder: settings.migrations,
        database,
        pool,
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

    const { health, metrics } = settings;
    const cache = new Workload(
      `${name}-cache`,
      {
        ...place,
        workloadName,
        labels: { app: workloadName },
        replicas: settings.replicas,
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
          user: { uid: 1001, gid: 1001 },
          graceSeconds: 30,
          imagePullSecrets: this.pullSecrets(settings.images.pullSecret, secrets.registryPassword),
          nodeSelector: site.nodeSelector(pool),
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
                ...settings.env,
              },
              ports: {
                ...(health === undefined ? {} : { health: health.port }),
                ...(metrics === undefined || metrics.port === health?.port ? {} : { metrics: metrics.port }),
              },
              resources: settings.resources,
              ...probes(settings),
              mounts: [{ path: "/tmp", volume: { kind: "scratch", name: "tmp", sizeLimit: "256Mi" } }],
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
      pool,
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

function probes({ health, livenessCommand }: HermesSetting): Pick<Container, "liveness" | "readiness"> {
  if (health !== undefined) {
    return {
      liveness: {
        httpGet: { path: health.livenessPath, port: health.port },
        initialDelaySeconds: 30,
        periodSeconds: 30,
      },
      readiness: { httpGet: { path: health.readinessPath, port: health.port }, periodSeconds: 10 },
    };
  }
  if (livenessCommand === undefined) return {};
  return {
    liveness: { exec: { command: livenessCommand }, initialDelaySeconds: 60, periodSeconds: 60, timeoutSeconds: 10 },
  };
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return Number(port) || (protocol === "http:" ? 80 : 443);
}
