import type * as pulumi from "@pulumi/pulumi";
import { RedisDatabase } from "../../components/cache/redis-database.ts";
import { PostgresDatabase } from "../../components/database/postgres-database.ts";
import { Kafka } from "../../components/messaging/kafka.ts";
import { SchemaRegistry } from "../../components/messaging/schema-registry.ts";
import { after } from "../../components/connections/destinations.ts";
import { LoadBalancer } from "../../components/edge/load-balancer.ts";
import { System } from "../../components/platform/system.ts";
import type { Site } from "../../components/site/site.ts";
import { volumeSnapshots } from "../../components/storage/volume-snapshots.ts";
import { ConfigObject, SecretObject } from "../../components/workload/config-objects.ts";
import type { Namespace } from "../../components/site/namespace.ts";
import { samePort } from "../../components/workload/service.ts";
import type { Workload } from "../../components/workload/workload.ts";
import { shape, wantedConnections } from "../../settings/slices/shape.ts";
import { caracalShapes } from "./shapes.ts";
import type { Secrets } from "../../settings/secrets.ts";
import { configValues, topicsOf } from "./config.ts";
import { createKeys } from "./keys.ts";
import { caracalMonitoring } from "./monitoring.ts";
import { componentLabels, ports, systemLabels } from "./names.ts";
import type { CaracalSecrets, CaracalSetting } from "./settings.ts";
import { adapter, consumer, gateway, migration, type Backing, type Ready } from "./workloads.ts";

/**
 * Caracal Core: a TLS gateway and an MCP adapter authorise calls and write what they cost to Kafka; consumers keep a signed
 * ledger in PostgreSQL, live spending in Redis, and an audit log.
 *
 * What the ledger is signed with outlives everything else: roots verify with that key alone. Source: the README of the v0.3
 * Kubernetes manifests.
 */
export class Caracal extends System {
  readonly outputs;
  readonly operatorSecrets: Record<string, pulumi.Output<string>>;

  constructor(
    name: string,
    settings: CaracalSetting,
    secrets: Secrets<CaracalSecrets>,
    site: Site,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const shapes = shape(caracalShapes(settings), settings.workloads);
    const { pullSecret } = settings.images;
    const { registryPassword } = secrets;
    super(
      "doks-systems:caracal:Caracal",
      name,
      { site, namespace: settings.namespace, labels: systemLabels, shapes, pullSecret, registryPassword },
      opts,
    );
    const { place, own } = this;
    const { namespace } = place;

    const keys = createKeys(
      name,
      settings,
      secrets,
      { production: site.production, gatewayNames: gatewayNames(settings, namespace) },
      this,
    );
    const redis = new RedisDatabase(
      `${name}-redis`,
      {
        ...place,
        setting: settings.redis,
        serverName: "caracal-redis",
        serviceName: "caracal-redis",
        labels: componentLabels("redis"),
        claimName: "redis-data",
        // The services know a password and no user's name.
        user: "default",
        existingPassword: secrets.redisPassword,
      },
      own,
    );
    const database = new PostgresDatabase(
      `${name}-postgres`,
      {
        ...place,
        setting: settings.database,
        serverName: "caracal-postgres",
        labels: componentLabels("database"),
        claimName: "postgres-data",
        user: "caracal",
        databases: ["caracal"],
        secret: {
          objectName: "caracal-secrets",
          passwordKey: "DB_PASSWORD",
          values: ({ password }) => ({ DB_PASSWORD: password, REDIS_PASSWORD: redis.connection.password }),
        },
        wantedConnections: wantedConnections(shapes),
        existingPassword: secrets.databasePassword,
      },
      own,
    );
    const kafka = new Kafka(
      `${name}-kafka`,
      {
        ...place,
        setting: settings.kafka,
        serverName: "caracal-kafka",
        labels: componentLabels("kafka"),
        claimName: "kafka-data",
        zookeeper: {
          serverName: "caracal-zookeeper",
          labels: componentLabels("zookeeper"),
          claimName: "zookeeper-data",
        },
        existingPassword: secrets.kafkaPassword,
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
      config: new ConfigObject(
        `${name}-config`,
        {
          ...place,
          objectName: "caracal-config-v03",
          data: configValues(settings, {
            database: database.connection,
            redis: redis.connection,
            kafka,
            schemaRegistryUrl: schemaRegistry.url,
          }),
        },
        own,
      ),
      tls: new SecretObject(`${name}-tls`, { ...place, objectName: "caracal-tls", values: keys.tls }, own),
      merkle: new SecretObject(
        `${name}-merkle-keys`,
        { ...place, objectName: "caracal-merkle-keys", values: keys.merkle },
        own,
      ),
    };
    const migrated = migration(`${name}-db-migrate`, backing, this);
    const ready: Ready = {
      database: after(database.endpoint, migrated.done),
      // No consumer starts before the tables are there, even one that needs none.
      kafka: after(kafka.endpoint, ...topics, migrated.done),
      redis: redis.endpoint,
      schemaRegistry: schemaRegistry.endpoint,
    };
    const edge = gateway(`${name}-gateway`, backing, ready, this);
    adapter(`${name}-mcp-adapter`, backing, ready, this);
    consumer("ledger-writer", `${name}-ledger-writer`, backing, ready, this);
    consumer("audit-logger", `${name}-audit-logger`, backing, ready, this);
    const aggregator = consumer("metrics-aggregator", `${name}-metrics-aggregator`, backing, ready, this);
    const address = this.expose(name, settings, site, edge);
    caracalMonitoring(name, backing, keys, aggregator, this);

    const backup = this.backup({
      setting: settings.backup,
      database,
      taskName: "caracal-backup",
      existingKey: secrets.backupBucket,
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

  private expose(name: string, settings: CaracalSetting, site: Site, to: Workload): pulumi.Output<string> | undefined {
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

/** Names that the gateway's certificate is valid for. */
function gatewayNames({ host }: CaracalSetting, namespace: Namespace): string[] {
  const service = "caracal-gateway";
  return [host, service, `${service}.${namespace.namespaceName}.svc`, namespace.hostName(service)];
}
