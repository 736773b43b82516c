import { storageClasses } from "../../catalogue/doks.ts";
import type * as pulumi from "@pulumi/pulumi";
import { databaseMigration } from "../../components/database/migration.ts";
import { RabbitMq } from "../../components/messaging/rabbitmq.ts";
import { System } from "../../components/platform/system.ts";
import type { Site } from "../../components/site/site.ts";
import { Bucket } from "../../components/storage/bucket.ts";
import { fileObjects, readFiles } from "../../components/workload/file-objects.ts";
import type { SystemOn } from "../../settings/secrets.ts";
import { appNames, apps } from "./apps.ts";
import { bowMarkMonitoring } from "./monitoring.ts";
import { nightlyRestart } from "./nightly-restart.ts";
import type { BowMarkSecrets, BowMarkSetting } from "./settings.ts";
import { Workloads, type Backing } from "./workloads.ts";

/**
 * Bow-Mark: two apps, Paving and Concrete, built from the same code. Each has a client, an API server, a background worker and
 * a consumer. Both use one PostgreSQL server for reports and one RabbitMQ, each with a database and a virtual host of its own.
 *
 * It also needs two MongoDB databases, Meilisearch and an SMTP server, which this program does not make. Source: the document
 * "Production Infrastructure".
 */
export class BowMark extends System {
  readonly outputs;
  readonly operatorSecrets;

  constructor(
    name: string,
    on: SystemOn<BowMarkSetting, BowMarkSecrets>,
    site: Site,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("doks-systems:bowmark:BowMark", name, { ...on, site }, opts);
    const { settings, secrets } = on;
    const { place, own } = this;

    const database = this.postgres({
      setting: settings.database,
      serverName: "postgres",
      claimName: "postgres-data",
      // The storage class that the document names. It cannot be changed later.
      storageClass: storageClasses.deleted,
      user: "bowmark",
      databases: [apps.paving.database, apps.concrete.database],
      secretValues: () => ({ dbPaving: apps.paving.database, dbConcrete: apps.concrete.database }),
    });
    const broker = new RabbitMq(
      `${name}-rabbitmq`,
      {
        ...place,
        setting: settings.rabbitmq,
        existingPassword: secrets.rabbitmqPassword,
        existingSecret: this.existingName("rabbitmq"),
        serverName: "rabbitmq",
        user: "bowmark",
        vhosts: [apps.paving.vhost, apps.concrete.vhost],
        secretValues: { vhost: apps.paving.vhost, vhostConcrete: apps.concrete.vhost },
      },
      own,
    );
    const bucket = new Bucket(
      `${name}-bucket`,
      { site, setting: settings.bucket, existingKey: secrets.bucket ?? this.keyElsewhere("spaces") },
      own,
    );

    const secret = (objectName: string, values: () => Record<string, pulumi.Input<string> | undefined>) =>
      this.secretObject(objectName, objectName, values);
    const backing: Backing = {
      database,
      broker,
      bucket,
      mongo: {
        paving: secret("paving", () => ({ mongoURI: secrets.paving?.mongoUri })),
        concrete: secret("concrete", () => ({ mongoURI: secrets.concrete?.mongoUri })),
      },
      general: secret("general", () => ({ jwtSecret: this.generated("jwt", secrets.jwtSecret) })),
      spaces: secret("spaces", () => ({
        name: bucket.bucketName,
        region: bucket.region,
        key: bucket.accessKey,
        secret: bucket.secretKey,
      })),
      email: secret("email", () => ({
        email: settings.email.address,
        username: settings.email.username,
        password: secrets.email?.password,
        host: settings.email.host,
        port: String(settings.email.port),
      })),
      search: secret("search", () => ({ host: settings.search.host, apiKey: secrets.search?.apiKey })),
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
    });
    this.route({
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
    });

    const hosts = [...settings.hosts.paving, ...settings.hosts.concrete];
    this.outputs = {
      urls: Object.fromEntries(hosts.map((host) => [host, `https://${host}`])),
      namespace: place.namespace.namespaceName,
      bucket: bucket.bucketName,
      backupBucket: backup?.bucket.bucketName,
      pools: Object.values(settings.pools),
    };
    this.operatorSecrets = { "postgres-password": database.password, "rabbitmq-password": broker.password };
    this.registerOutputs({ namespace: place.namespace.namespaceName });
  }
}
