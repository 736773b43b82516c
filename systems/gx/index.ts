import * as pulumi from "@pulumi/pulumi";
import { RedisDatabase } from "../../components/cache/redis-database.ts";
import { PostgresDatabase } from "../../components/database/postgres-database.ts";
import { networkPolicy, planVisit } from "../../components/connections/policies.ts";
import { LoadBalancer } from "../../components/edge/load-balancer.ts";
import { Route } from "../../components/edge/route.ts";
import { System } from "../../components/platform/system.ts";
import type { Site } from "../../components/site/site.ts";
import { RotatingPassword } from "../../components/secrets/rotating-password.ts";
import { ConfigObject, SecretObject } from "../../components/workload/config-objects.ts";
import { existingSecret, type ConfigSource } from "../../components/site/config-source.ts";
import { serviceAccount } from "../../components/workload/service-account.ts";
import type { Workload } from "../../components/workload/workload.ts";
import { shape, wantedConnections } from "../../settings/slices/shape.ts";
import { gxShapes } from "./shapes.ts";
import type { Secrets } from "../../settings/secrets.ts";
import { backendConfig } from "./config.ts";
import { gxMonitoring } from "./monitoring.ts";
import { databaseName, ports } from "./names.ts";
import type { GxSecrets, GxSetting } from "./settings.ts";
import { api, migration, worker, type Backing } from "./workloads.ts";

/**
 * GX Protocol's backend: an API that writes commands to an outbox table, a worker that submits them to Hyperledger Fabric,
 * and a worker that turns Fabric's events into the read models that the API serves.
 *
 * Source: the deployment guide of `k8s/backend`.
 */
export class Gx extends System {
  readonly outputs;
  readonly operatorSecrets: Record<string, pulumi.Output<string>>;

  constructor(
    name: string,
    settings: GxSetting,
    secrets: Secrets<GxSecrets>,
    site: Site,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const shapes = shape(gxShapes(settings), settings.workloads);
    const { pullSecret } = settings.images;
    const { registryPassword } = secrets;
    super(
      "doks-systems:gx:Gx",
      name,
      { site, namespace: settings.namespace, shapes, pullSecret, registryPassword },
      opts,
    );
    const { place, own } = this;
    const { namespace } = place;

    const redis = new RedisDatabase(
      `${name}-redis`,
      {
        ...place,
        setting: settings.redis,
        serverName: "redis",
        serviceName: "redis-master",
        fullHostName: true,
        claimName: "data",
        user: "gx",
        existingPassword: secrets.redisPassword,
      },
      own,
    );
    const database = new PostgresDatabase(
      `${name}-postgres`,
      {
        ...place,
        setting: settings.database,
        serverName: "postgres",
        clientService: "postgres",
        fullHostName: true,
        claimName: "data",
        user: "gx_admin",
        databases: [databaseName],
        secret: {
          objectName: "backend-secrets",
          userKey: "DATABASE_USER",
          passwordKey: "DATABASE_PASSWORD",
          values: (connection) => ({
            DATABASE_USER: connection.user,
            DATABASE_PASSWORD: connection.password,
            DATABASE_URL: connection
              .url(databaseName)
              .apply((plain) => plain.replace("?", `?schema=public&connection_limit=${settings.connectionLimit}&`)),
            JWT_SECRET: secrets.jwtSecret ?? new RotatingPassword(`${name}-jwt`, { version: 1 }, own).current,
            REDIS_PASSWORD: redis.connection.password,
            REDIS_URL: redis.url,
          }),
        },
        wantedConnections: wantedConnections(shapes),
        existingPassword: secrets.databasePassword,
      },
      own,
    );
    const config = new ConfigObject(
      `${name}-config`,
      {
        ...place,
        objectName: "backend-config",
        data: backendConfig(settings, database.connection, redis.connection),
      },
      own,
    );
    const backing: Backing = { ...place, settings, database, redis, config, secrets: database.secret };

    const account = (accountName: string) => serviceAccount(`${name}-${accountName}`, { accountName, namespace }, this);
    const accounts = { api: account("backend-api"), worker: account("backend-worker") };
    const migrated = migration(`${name}-migrate`, backing, this)?.done;
    const workers = this.createWorkers(name, backing, secrets, migrated, accounts.worker);
    const identity = api({ urn: `${name}-svc-identity`, backing, migrated, account: accounts.api, workers }, this);
    const url = this.expose(name, settings, identity);
    gxMonitoring(name, backing, { api: identity, workers }, this);
    const backup = this.backup({
      setting: settings.backup,
      database,
      taskName: "postgres-backup",
      existingKey: secrets.backupBucket,
    });

    this.outputs = {
      url,
      namespace: namespace.namespaceName,
      services: [identity, ...workers].flatMap(({ services }) => services.map(({ serviceName }) => serviceName)),
      databaseHost: database.connection.host,
      backupBucket: backup?.bucket.bucketName,
    };
    this.operatorSecrets = database.password === undefined ? {} : { "postgres-password": database.password };
    this.registerOutputs({ namespace: namespace.namespaceName });
  }

  private createWorkers(
    name: string,
    backing: Backing,
    secrets: Secrets<GxSecrets>,
    migrated: pulumi.Resource | undefined,
    account: ReturnType<typeof serviceAccount>,
  ): Workload[] {
    const { fabric } = backing.settings;
    if (fabric === false) return [];
    const credentials = this.fabricCredentials(name, backing, fabric, secrets);
    return (["outbox-submitter", "projector"] as const).map((one) =>
      worker(one, { urn: `${name}-${one}`, backing, migrated, account, fabric, credentials }, this),
    );
  }

  private fabricCredentials(
    name: string,
    backing: Backing,
    { credentials }: Exclude<GxSetting["fabric"], false>,
    { fabric: files }: Secrets<GxSecrets>,
  ): ConfigSource {
    if (credentials.kind === "existing") return existingSecret(credentials.secretName);
    if (files === undefined) throw new Error(`${name}: the Fabric files are missing`);
    const values = { "cert.pem": files.certificate, "key.pem": files.key, "ca-cert.pem": files.caCertificate };
    return new SecretObject(
      `${name}-fabric-credentials`,
      { ...backing, objectName: "fabric-credentials", values },
      { parent: this },
    );
  }

  /** @returns the API's address, where it has a public one */
  private expose(name: string, { exposure }: GxSetting, to: Workload): pulumi.Input<string> | undefined {
    const { site } = this.place;
    switch (exposure.kind) {
      case "route": {
        if (site.edge === undefined) return undefined;
        new Route(
          `${name}-route`,
          {
            ...this.place,
            edge: site.edge,
            routeName: "svc-identity-ingress",
            tlsSecretName: "api-gxcoin-tls",
            maxBodyMiB: exposure.maxBodyMiB,
            timeoutSeconds: exposure.timeoutSeconds,
            groups: [{ name: "api", hosts: [exposure.host], rules: [{ path: "/", to }] }],
            hiddenPaths: ["/metrics"],
          },
          { parent: this },
        );
        return `https://${exposure.host}`;
      }
      case "load-balancer": {
        const { certificateName, sourceRanges, host } = exposure;
        const balancer = new LoadBalancer(
          `${name}-load-balancer`,
          {
            site,
            to,
            serviceName: "svc-identity-public",
            port: { name: "http", port: 80, targetPort: ports.api },
            tls: certificateName === undefined ? { kind: "passthrough" } : { kind: "certificate", certificateName },
            sourceRanges,
            hosts: host === undefined ? [] : [host],
          },
          { parent: this },
        );
        const scheme = certificateName === undefined ? "http" : "https";
        return pulumi.interpolate`${scheme}://${host ?? balancer.address}`;
      }
      case "node-port": {
        const everyone = { name: "internet", addresses: ["0.0.0.0/0"] };
        networkPolicy(`${name}-node-port`, planVisit(everyone, to.endpoint), this);
        return undefined;
      }
      case "none":
        return undefined;
    }
  }
}
