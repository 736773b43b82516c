import * as pulumi from "@pulumi/pulumi";
import { admitNodePort } from "../../components/connections/policies.ts";
import { LoadBalancer } from "../../components/edge/load-balancer.ts";
import { System } from "../../components/platform/system.ts";
import type { Site } from "../../components/site/site.ts";
import type { ConfigSource } from "../../components/site/config-source.ts";
import { serviceAccount } from "../../components/workload/service-account.ts";
import type { Workload } from "../../components/workload/workload.ts";
import type { Secrets, SystemOn } from "../../settings/secrets.ts";
import { backendConfig, backendSecrets } from "./config.ts";
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
  readonly operatorSecrets;

  constructor(name: string, on: SystemOn<GxSetting, GxSecrets>, site: Site, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:gx:Gx", name, { ...on, site }, opts);
    const { settings, secrets } = on;
    const { namespace } = this.place;

    const redis = this.redis(
      {
        setting: settings.redis,
        serverName: "redis",
        serviceName: "redis-master",
        fullHostName: true,
        user: "gx",
      },
      "backend-secrets",
    );
    const database = this.postgres({
      setting: settings.database,
      serverName: "postgres",
      clientService: "postgres",
      fullHostName: true,
      user: "gx_admin",
      databases: [databaseName],
      secretName: "backend-secrets",
      secretKeys: { user: "DATABASE_USER", password: "DATABASE_PASSWORD" },
      secretValues: (connection) =>
        backendSecrets(settings, connection, redis, this.generated("jwt", secrets.jwtSecret)),
    });
    const config = this.configObject("backend-config", backendConfig(settings, database.connection, redis.connection));
    const backing: Backing = { ...this.place, settings, database, redis, config };

    const account = (accountName: string) => serviceAccount(`${name}-${accountName}`, { accountName, namespace }, this);
    const accounts = { api: account("backend-api"), worker: account("backend-worker") };
    const migrated = migration(`${name}-migrate`, backing, this)?.done;
    const workers = this.createWorkers(name, backing, secrets, migrated, accounts.worker);
    const identity = api({ name: `${name}-svc-identity`, backing, migrated, account: accounts.api, workers }, this);
    const url = this.expose(name, settings, identity);
    gxMonitoring(name, backing, { api: identity, workers }, this);
    const backup = this.backup({
      setting: settings.backup,
      database,
      taskName: "postgres-backup",
    });

    this.outputs = {
      url,
      namespace: namespace.namespaceName,
      services: [identity, ...workers].flatMap(({ services }) => services.map(({ serviceName }) => serviceName)),
      databaseHost: database.connection.host,
      backupBucket: backup?.bucket.bucketName,
    };
    this.operatorSecrets = { "postgres-password": database.password };
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
    const credentials = this.fabricCredentials(name, secrets);
    return (["outbox-submitter", "projector"] as const).map((workloadName) =>
      worker(workloadName, { name: `${name}-${workloadName}`, backing, migrated, account, fabric, credentials }, this),
    );
  }

  private fabricCredentials(name: string, { fabric: files }: Secrets<GxSecrets>): ConfigSource {
    return this.secretObject("fabric-credentials", "fabric-credentials", () => {
      if (files === undefined) throw new Error(`${name}: the Fabric files are missing`);
      return { "cert.pem": files.certificate, "key.pem": files.key, "ca-cert.pem": files.caCertificate };
    });
  }

  /** Makes the API public, if the settings say so, and returns its URL; undefined if it has none or it is not known. */
  private expose(name: string, { exposure }: GxSetting, to: Workload): pulumi.Input<string> | undefined {
    const { site } = this.place;
    switch (exposure.kind) {
      case "route": {
        if (site.edge === undefined) return undefined;
        this.route({
          routeName: "svc-identity-ingress",
          tlsSecretName: "api-gxcoin-tls",
          maxBodyMiB: exposure.maxBodyMiB,
          timeoutSeconds: exposure.timeoutSeconds,
          groups: [{ name: "api", hosts: [exposure.host], rules: [{ path: "/", to }] }],
          hiddenPaths: ["/metrics"],
        });
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
        admitNodePort(`${name}-node-port`, site, to.at().endpoint, this);
        return undefined;
      }
      case "none":
        return undefined;
    }
  }
}
