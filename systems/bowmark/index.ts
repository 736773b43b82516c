import type * as pulumi from "@pulumi/pulumi";
import { databaseMigration } from "../../components/database/migration.ts";
import { PostgresDatabase } from "../../components/database/postgres-database.ts";
import { RabbitMq } from "../../components/messaging/rabbitmq.ts";
import { portText } from "../../components/connections/destinations.ts";
import { Route } from "../../components/edge/route.ts";
import { System } from "../../components/platform/system.ts";
import type { Site } from "../../components/site/site.ts";
import { RotatingPassword } from "../../components/secrets/rotating-password.ts";
import { Bucket } from "../../components/storage/bucket.ts";
import { SecretObject } from "../../components/workload/config-objects.ts";
import { fileObjects, readFiles } from "../../components/workload/file-objects.ts";
import type { Secrets } from "../../settings/secrets.ts";
import { shape, wantedConnections } from "../../settings/slices/shape.ts";
import { appNames, apps } from "./apps.ts";
import { bowMarkMonitoring } from "./monitoring.ts";
import { nightlyRestart } from "./nightly-restart.ts";
import type { BowMarkSecrets, BowMarkSetting } from "./settings.ts";
import { bowMarkShapes } from "./shapes.ts";
import { Workloads, type Backing } from "./workloads.ts";

/**
 * Bow-Mark: two apps, Paving and Concrete, from one code base. Each has its client, API server, background worker and
 * consumer; they share one PostgreSQL for reports and one RabbitMQ, each app with its own database and virtual host.
 *
 * Outside it needs two MongoDB databases, Meilisearch and an SMTP server. Source: "Production Infrastructure".
 */
export class BowMark extends System {
  readonly outputs;
  readonly operatorSecrets: Record<string, pulumi.Output<string>>;

  constructor(
    name: string,
    settings: BowMarkSetting,
    secrets: Secrets<BowMarkSecrets>,
    site: Site,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const shapes = shape(bowMarkShapes(settings), settings.workloads);
    const { namespace, images } = settings;
    const { pullSecret } = images;
    const { registryPassword } = secrets;
    super("doks-systems:bowmark:BowMark", name, { site, namespace, shapes, pullSecret, registryPassword }, opts);
    const { place, own } = this;

    const database = new PostgresDatabase(
      `${name}-postgres`,
      {
        ...place,
        setting: settings.database,
        serverName: "postgres",
        claimName: "postgres-data",
        // The document's class; claim templates are immutable.
        storageClass: "do-block-storage",
        user: "bowmark",
        databases: [apps.paving.database, apps.concrete.database],
        secret: {
          objectName: "postgres",
          userKey: "user",
          passwordKey: "password",
          values: ({ host, port, user, password }) => ({
            user,
            password,
            host,
            port: portText(port),
            dbPaving: apps.paving.database,
            dbConcrete: apps.concrete.database,
          }),
        },
        wantedConnections: wantedConnections(shapes),
        existingPassword: secrets.databasePassword,
      },
      own,
    );
    const broker = new RabbitMq(
      `${name}-rabbitmq`,
      {
        ...place,
        setting: settings.rabbitmq,
        serverName: "rabbitmq",
        user: "bowmark",
        vhosts: [apps.paving.vhost, apps.concrete.vhost],
        extraKeys: { vhost: apps.paving.vhost, vhostConcrete: apps.concrete.vhost },
      },
      own,
    );
    const bucket = new Bucket(`${name}-bucket`, { site, setting: settings.bucket, existingKey: secrets.bucket }, own);

    const secret = (objectName: string, values: Record<string, pulumi.Input<string>>) =>
      new SecretObject(`${name}-${objectName}`, { ...place, objectName, values }, own);
    const backing: Backing = {
      database,
      broker,
      bucket,
      mongo: {
        paving: secret("paving", { mongoURI: secrets.paving.mongoUri }),
        concrete: secret("concrete", { mongoURI: secrets.concrete.mongoUri }),
      },
      general: secret("general", {
        jwtSecret: secrets.jwtSecret ?? new RotatingPassword(`${name}-jwt`, { version: 1 }, own).current,
      }),
      spaces: secret("spaces", {
        name: bucket.bucketName,
        region: bucket.region,
        key: bucket.accessKey,
        secret: bucket.secretKey,
      }),
      email: secret("email", {
        email: settings.email.address,
        username: settings.email.username,
        password: secrets.email.password,
        host: settings.email.host,
        port: String(settings.email.port),
      }),
      search: secret("search", { host: settings.search.host, apiKey: secrets.search.apiKey }),
    };

    const migrations = fileObjects(
      `${name}-migrations`,
      { ...place, objectName: "pg-migrations", files: readFiles(settings.migrations, ".sql") },
      this,
    );
    const workloads = new Workloads(name, settings, place, backing, this);
    const appWorkloads = appNames.map((app) => {
      const server = workloads.server(app);
      workloads.worker(app);
      const taskName = `pg-migrate-${app}`;
      const databaseName = apps[app].database;
      const migrated = databaseMigration(
        `${name}-migrate-${app}`,
        { ...place, taskName, database, databaseName, migrations },
        this,
      );
      workloads.consumer(app, migrated);
      if (settings.runBackfill) workloads.backfill(app, migrated);
      return { app, server, client: workloads.client(app, server) };
    });
    if (settings.nightlyRestart !== false) nightlyRestart(name, settings.nightlyRestart, place, this);
    bowMarkMonitoring(name, settings, place, this);
    const backup = this.backup({
      setting: settings.backup,
      database,
      taskName: "pg-backup",
      bucketSecretName: "spaces-backup",
      existingKey: secrets.backupBucket,
    });
    if (site.edge !== undefined) {
      new Route(
        `${name}-route`,
        {
          ...place,
          edge: site.edge,
          routeName: "ingress-service",
          tlsSecretName: "bow-mark-tls",
          maxBodyMiB: settings.maxBodyMiB,
          timeoutSeconds: 600,
          groups: appWorkloads.map(({ app, server, client }) => ({
            name: app,
            hosts: settings.hosts[app],
            rules: [
              ...settings.serverPaths.map((path) => ({
                path,
                to: server,
                webSockets: settings.webSocketPaths.includes(path),
              })),
              { path: "/", to: client },
            ],
          })),
        },
        own,
      );
    }

    const hosts = [...settings.hosts.paving, ...settings.hosts.concrete];
    this.outputs = {
      urls: Object.fromEntries(hosts.map((host) => [host, `https://${host}`])),
      namespace: place.namespace.namespaceName,
      bucket: bucket.bucketName,
      backupBucket: backup?.bucket.bucketName,
      pools: Object.values(settings.pools),
    };
    this.operatorSecrets = {
      ...(database.password === undefined ? {} : { "postgres-password": database.password }),
      "rabbitmq-password": broker.password,
    };
    this.registerOutputs({ namespace: place.namespace.namespaceName });
  }
}
