/** Caracal's gateway, MCP adapter and three consumers, and the migration that runs before them. */
import type * as pulumi from "@pulumi/pulumi";
import type { RedisDatabase } from "../../components/cache/redis-database.ts";
import type { PostgresDatabase } from "../../components/database/postgres-database.ts";
import type { Kafka } from "../../components/messaging/kafka.ts";
import { readScripts } from "../../components/workload/file-objects.ts";
import type { Destination } from "../../components/connections/destinations.ts";
import { ownImage } from "../../components/site/own-image.ts";
import type { Place } from "../../components/site/namespace.ts";
import { ConfigObject, type SecretSource } from "../../components/workload/config-objects.ts";
import { keeping } from "../../components/workload/replicas.ts";
import type { Env } from "../../components/workload/pod.ts";
import type { Mount } from "../../components/workload/volumes.ts";
import type { OwnedContainer } from "../../components/workload/shaped-pod.ts";
import { samePort, type ServiceArgs } from "../../components/workload/service.ts";
import { Task } from "../../components/workload/task.ts";
import { Workload, type WorkloadArgs } from "../../components/workload/workload.ts";
import { componentLabels, consumers, keysPath, ports, tlsPath, type Consumer } from "./names.ts";
import type { CaracalSetting } from "./settings.ts";

/** What every workload of the system is built with. */
export interface Backing extends Place {
  readonly settings: CaracalSetting;
  readonly database: PostgresDatabase;
  readonly redis: RedisDatabase;
  readonly kafka: Kafka;
  readonly config: ConfigObject;
  readonly tls: SecretSource;
  readonly merkle: SecretSource;
}

/** What the workloads connect to. Database and Kafka include the migration and the topics, for which the workloads wait. */
export interface Ready {
  readonly database: Destination;
  readonly kafka: Destination;
  readonly redis: Destination;
  readonly schemaRegistry: Destination;
}

/** The task that makes the tables, or migrates those that exist. */
export function migration(name: string, backing: Backing, parent: pulumi.Resource): Task {
  const { site, namespace, database } = backing;
  const data = readScripts(new URL("scripts/", import.meta.url), ["migrate.py"]);
  const scripts = new ConfigObject(
    `${name}-scripts`,
    { site, namespace, objectName: "caracal-db-migrate-scripts", data },
    { parent },
  );
  return new Task(
    name,
    {
      ...backing,
      taskName: "caracal-db-migrate",
      deadlineSeconds: 1800,
      connectsTo: [database.endpoint],
      pod: {
        containers: [
          {
            ...base(backing, "migrate", "caracal-gateway"),
            env: { DB_PASSWORD: database.secret.key("DB_PASSWORD"), ...database.trust.env },
            mounts: [
              { path: "/scripts", volume: { kind: "files", name: "scripts", from: scripts, executable: true } },
              ...database.clientMounts,
            ],
          },
        ],
      },
    },
    { parent },
  );
}

/** The gateway, which authorises calls. TLS ends in its pods, so that it sees the certificates of its clients. */
export function gateway(name: string, backing: Backing, ready: Ready, parent: pulumi.Resource): Workload {
  const { settings } = backing;
  const container: OwnedContainer = {
    ...base(backing, "gateway", "caracal-gateway"),
    env: { ...secretEnv(backing, "database", "redis"), ...backing.kafka.clientEnv },
    mounts: [{ path: tlsPath, volume: { kind: "files", name: "tls", from: backing.tls } }, ...clientMounts(backing)],
  };
  const inside = { serviceName: "caracal-gateway", ports: [samePort("https", ports.gateway)] };
  return workload(
    name,
    {
      component: "gateway",
      workloadName: "caracal-gateway",
      container,
      keep: 2,
      update: { maxSurge: 1, maxUnavailable: 1 },
      // With a load balancer, the Service of that name is the load balancer's.
      services: settings.exposure.kind === "cluster-ip" ? [inside] : [],
      connectsTo: [ready.database, ready.kafka, ready.redis, ready.schemaRegistry],
    },
    backing,
    parent,
  );
}

/** The MCP adapter, through which programs in the cluster use MCP servers under the gateway's rules. */
export function adapter(name: string, backing: Backing, ready: Ready, parent: pulumi.Resource): Workload {
  const container: OwnedContainer = {
    ...base(backing, "mcp-adapter", "caracal-mcp-adapter"),
    env: { ...secretEnv(backing, "database", "redis"), ...backing.kafka.clientEnv },
    mounts: clientMounts(backing),
  };
  return workload(
    name,
    {
      component: "mcp-adapter",
      workloadName: "caracal-mcp-adapter",
      container,
      keep: 1,
      update: "surge",
      services: [{ serviceName: "caracal-mcp-adapter", ports: [samePort("http", ports.adapter)] }],
      connectsTo: [ready.database, ready.kafka, ready.redis, ready.schemaRegistry],
    },
    backing,
    parent,
  );
}

/** A consumer: it writes what it reads from Kafka to the signed ledger, to the metrics, or to the audit log. */
export function consumer(
  which: Consumer,
  name: string,
  backing: Backing,
  ready: Ready,
  parent: pulumi.Resource,
): Workload {
  const { kafka, merkle } = backing;
  const aggregates = which === "metrics-aggregator";
  const container: OwnedContainer = {
    ...base(backing, which, "caracal-consumer"),
    env: {
      CONSUMER_TYPE: which,
      KAFKA_CONSUMER_GROUP: `${which}-group`,
      KAFKA_TOPICS: consumers[which].topics.join(","),
      ...secretEnv(backing, aggregates ? "redis" : "database"),
      ...kafka.clientEnv,
    },
    mounts: [
      ...(which === "ledger-writer"
        ? [{ path: keysPath, volume: { kind: "files" as const, name: "keys", from: merkle } }]
        : []),
      ...clientMounts(backing),
    ],
  };
  const metrics = { serviceName: "caracal-metrics-aggregator", ports: [samePort("metrics", ports.aggregatorMetrics)] };
  return workload(
    name,
    {
      component: which,
      workloadName: `caracal-${which}`,
      container,
      keep: undefined,
      update: "surge",
      services: aggregates ? [metrics] : [],
      connectsTo: [ready.kafka, ready.schemaRegistry, aggregates ? ready.redis : ready.database],
      extraLabels: { "app.kubernetes.io/part-of": "consumers" },
    },
    backing,
    parent,
  );
}

function workload(
  name: string,
  args: {
    component: string;
    workloadName: string;
    container: OwnedContainer;
    /** Pods that stay while a node is drained; undefined for all but one. */
    keep: number | undefined;
    update: WorkloadArgs["update"];
    services: readonly ServiceArgs[];
    connectsTo: readonly Destination[];
    extraLabels?: Record<string, string>;
  },
  backing: Backing,
  parent: pulumi.Resource,
): Workload {
  const { component, container, keep, workloadName, update, services, connectsTo, extraLabels } = args;
  const { site, namespace } = backing;
  return new Workload(
    name,
    {
      site,
      namespace,
      workloadName,
      update,
      services,
      connectsTo,
      labels: componentLabels(component),
      budget: keep === undefined ? undefined : keeping(keep, namespace.shape(workloadName).replicas),
      pod: { containers: [container], extraLabels: { ...extraLabels, "app.kubernetes.io/version": "0.3.0" } },
    },
    { parent },
  );
}

function base({ site, settings, config }: Backing, name: string, image: string): OwnedContainer {
  return { name, image: ownImage(site, settings.images, image, settings.imageTag), envFrom: [config] };
}

/** Mounts of the certificates that clients verify the servers by. */
function clientMounts({ database, kafka, redis }: Backing): Mount[] {
  return [...database.clientMounts, ...kafka.clientMounts(), ...redis.clientMounts];
}

/** Passwords as variables from Secret `caracal-secrets`, and what a client of PostgreSQL needs to verify the server. */
function secretEnv({ database }: Backing, ...of: ("database" | "redis")[]): Env {
  const keys = { database: "DB_PASSWORD", redis: "REDIS_PASSWORD" };
  const passwords = Object.fromEntries(of.map((one) => [keys[one], database.secret.key(keys[one])]));
  return { ...passwords, ...(of.includes("database") ? database.trust.env : {}) };
}
