import type * as pulumi from "@pulumi/pulumi";
import { Kafka } from "../../components/messaging/kafka.ts";
import { SchemaRegistry } from "../../components/messaging/schema-registry.ts";
import { after } from "../../components/connections/destinations.ts";
import { LoadBalancer } from "../../components/edge/load-balancer.ts";
import { System } from "../../components/platform/system.ts";
import type { Site } from "../../components/site/site.ts";
import { volumeSnapshots } from "../../components/storage/volume-snapshots.ts";
import type { Namespace } from "../../components/site/namespace.ts";
import { samePort } from "../../components/workload/service.ts";
import type { Workload } from "../../components/workload/workload.ts";
import type { SystemOn } from "../../settings/secrets.ts";
import { configValues, topicsOf } from "./config.ts";
import { createKeys } from "./keys.ts";
import { caracalMonitoring } from "./monitoring.ts";
import { componentLabels, ports, systemLabels } from "./names.ts";
import type { CaracalSecrets, CaracalSetting } from "./settings.ts";
import { adapter, consumer, gateway, migration, type Backing, type Ready } from "./workloads.ts";

/**
 * Caracal Core: a TLS gateway and an MCP adapter authorise calls and write their costs to Kafka. From there, consumers keep a
 * signed ledger and an audit log in PostgreSQL, and current spending in Redis.
 *
 * The key that signs the ledger must never be lost or changed, since entries can be verified with that key only. Source: the
 * README of the v0.3 Kubernetes manifests.
 */
export class Caracal extends System {
  readonly outputs;
  readonly operatorSecrets;

  constructor(
    name: string,
    on: SystemOn<CaracalSetting, CaracalSecrets>,
    site: Site,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("doks-systems:caracal:Caracal", name, { ...on, site, labels: systemLabels }, opts);
    const { settings, secrets } = on;
    const { place, own } = this;
    const { namespace } = place;

    const keys = createKeys(
      name,
      settings,
      secrets,
      { production: site.production, gatewayNames: gatewayNames(settings, namespace) },
      this,
    );
    const redis = this.redis(
      {
        setting: settings.redis,
        serverName: "caracal-redis",
        labels: componentLabels("redis"),
        claimName: "redis-data",
      },
      "caracal-secrets",
    );
    const database = this.postgres({
      setting: settings.database,
      serverName: "caracal-postgres",
      labels: (suffix) => componentLabels(`database${suffix}`),
      claimName: "postgres-data",
      databases: ["caracal"],
      secretName: "caracal-secrets",
      secretKeys: { password: "DB_PASSWORD" },
      secretValues: () => ({ REDIS_PASSWORD: redis.connection.password }),
    });
    const kafka = new Kafka(
      `${name}-kafka`,
      {
        ...place,
        setting: settings.kafka,
        existingPassword: secrets.kafkaPassword,
        serverName: "caracal-kafka",
        labels: componentLabels("kafka"),
        zookeeper: { serverName: "caracal-zookeeper", labels: componentLabels("zookeeper") },
      },
      own,
    );
    const topics = kafka.topics(`${name}-kafka-topics`, "caracal-topics", topicsOf(settings));
    const schemaRegistry = new SchemaRegistry(
      `${name}-schema-registry`,
      {
        ...place,
        serverName: "caracal-schema-registry",
        labels: componentLabels("schema-registry"),
        kafka,
      },
      own,
    );

    const backing: Backing = {
      ...place,
      settings,
      database,
      redis,
      kafka,
      config: this.configObject(
        "caracal-config-v03",
        configValues(settings, {
          database: database.connection,
          redis: redis.connection,
          kafka,
          schemaRegistryUrl: schemaRegistry.url,
        }),
      ),
      tls: this.secretObject("tls", "caracal-tls", () => keys.tls),
      merkle: this.secretObject("merkle-keys", "caracal-merkle-keys", () => keys.merkle),
    };
    const migrated = migration(`${name}-db-migrate`, backing, this);
    const ready: Ready = {
      database: after(database.endpoint, migrated.done),
      // After the migration as well, so that even the consumer that uses no table starts after it.
      kafka: after(kafka.endpoint, ...topics, migrated.done),
      redis: redis.endpoint,
      schemaRegistry: schemaRegistry.endpoint,
    };
    const gatewayWorkload = gateway(`${name}-gateway`, backing, ready, this);
    adapter(`${name}-mcp-adapter`, backing, ready, this);
    consumer("ledger-writer", `${name}-ledger-writer`, backing, ready, this);
    consumer("audit-logger", `${name}-audit-logger`, backing, ready, this);
    const aggregator = consumer("metrics-aggregator", `${name}-metrics-aggregator`, backing, ready, this);
    const address = this.expose(name, settings, site, gatewayWorkload);
    caracalMonitoring(name, backing, keys, aggregator, this);

    const backup = this.backup({
      setting: settings.backup,
      database,
      taskName: "caracal-backup",
    });
    if (settings.snapshots !== false) {
      volumeSnapshots(`${name}-snapshots`, { ...place, setting: settings.snapshots }, this);
    }

    this.outputs = {
      url: `https://${settings.host}:${ports.gateway}`,
      gatewayAddress: address,
      namespace: namespace.namespaceName,
      backupBucket: backup?.bucket.bucketName,
      ...keys.public,
    };
    this.operatorSecrets = keys.private;
    this.registerOutputs({ namespace: namespace.namespaceName });
  }

  private expose(
    name: string,
    settings: CaracalSetting,
    site: Site,
    to: Workload,
  ): pulumi.Output<string | undefined> | undefined {
    if (settings.exposure.kind === "cluster-ip") return undefined;
    return new LoadBalancer(
      `${name}-load-balancer`,
      {
        site,
        to,
        serviceName: "caracal-gateway",
        port: samePort("https", ports.gateway),
        tls: { kind: "passthrough" },
        sourceRanges: settings.exposure.sourceRanges,
        hosts: [settings.host],
        stickySeconds: 10_800,
      },
      { parent: this },
    ).address;
  }
}

/** DNS names in the certificate of the gateway: its public host, and its Service as other namespaces call it. */
function gatewayNames({ host }: CaracalSetting, namespace: Namespace): string[] {
  const service = "caracal-gateway";
  return [host, service, `${service}.${namespace.namespaceName}.svc`, namespace.hostName(service)];
}
