/** Caracal's own services: gateway, MCP adapter, three consumers, and the migration before them. */
import type * as pulumi from "@pulumi/pulumi";
import type { RedisDatabase } from "../../components/cache/redis-database.ts";
import type { PostgresDatabase } from "../../components/database/postgres-database.ts";
import type { Kafka } from "../../components/messaging/kafka.ts";
import type { Destination } from "../../components/network/connections.ts";
import { ownImage } from "../../components/platform/images.ts";
import type { Place } from "../../components/platform/system.ts";
import type { ConfigObject, SecretObject } from "../../components/workload/config-objects.ts";
import { keeping } from "../../components/workload/disruption-budget.ts";
import type { Container, EnvValue, Mount } from "../../components/workload/pod.ts";
import type { OwnedPod } from "../../components/workload/prepare.ts";
import { samePort } from "../../components/workload/service.ts";
import { Task } from "../../components/workload/task.ts";
import { Workload, type Replicas } from "../../components/workload/workload.ts";
import { componentLabels, consumers, keysPath, ports, tlsPath, type Consumer } from "./config.ts";
import type { CaracalSetting } from "./settings.ts";

/** What the services are built on. */
export interface Backing extends Place {
  readonly settings: CaracalSetting;
  readonly database: PostgresDatabase;
  readonly redis: RedisDatabase;
  readonly kafka: Kafka;
  readonly config: ConfigObject;
  readonly tls: SecretObject;
  readonly merkle: SecretObject;
  readonly pullSecrets: SecretObject[];
}

/** What services connect to, up only when tables and topics are there. */
export interface Ready {
  readonly database: Destination;
  readonly kafka: Destination;
  readonly redis: Destination;
  readonly schemaRegistry: Destination;
}

/** The image's user. */
const caracalUser = { uid: 1000, gid: 1000 };

/** Makes the tables: every command but the last is an init container, so that they run one after the other. */
export function migration(name: string, backing: Backing, parent: pulumi.Resource): Task {
  const { settings } = backing;
  const containers = settings.migration.commands.map((command, i): Container => ({
    ...base(backing, `step-${i + 1}`, settings.migration.image),
    command,
    env: { DB_PASSWORD: backing.database.secret.key("DB_PASSWORD") },
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1", memory: "256Mi" } },
  }));
  const earlier = containers.slice(0, -1);
  return new Task(
    name,
    {
      ...backing,
      taskName: "caracal-db-migrate",
      deadlineSeconds: 1800,
      connectsTo: [backing.database.endpoint],
      pod: {
        ...pod(backing, containers.slice(-1), 30),
        ...(earlier.length === 0 ? {} : { initContainers: earlier }),
      },
    },
    { parent },
  );
}

/** Authorises calls; TLS ends in its pods, so that it sees the clients' certificates. */
export function gateway(name: string, backing: Backing, ready: Ready, parent: pulumi.Resource): Workload {
  const { settings } = backing;
  const plain = base(backing, "gateway", "caracal-gateway");
  const container: Container = {
    ...plain,
    env: { ...secretEnv(backing, "database", "redis"), ...backing.kafka.clientEnv },
    ports: { https: ports.gateway, metrics: ports.gatewayMetrics },
    resources: settings.gateway.resources,
    ...gatewayProbes(settings.mtls),
    mounts: [
      ...mounts(plain),
      { path: tlsPath, volume: { kind: "files", name: "tls", from: backing.tls } },
      ...backing.kafka.clientMounts(),
    ],
    lifecycle: { preStop: { sleep: { seconds: 10 } } },
  };
  const inside = { serviceName: "caracal-gateway", ports: [samePort("https", ports.gateway)] };
  const metrics = { serviceName: "caracal-gateway-metrics", ports: [samePort("metrics", ports.gatewayMetrics)] };
  return workload(
    name,
    {
      component: "gateway",
      workloadName: "caracal-gateway",
      container,
      replicas: settings.gateway.autoscaling === false ? settings.gateway.replicas : settings.gateway.autoscaling,
      keep: 2,
      update: { maxSurge: 1, maxUnavailable: 1 },
      // With a load balancer its Service has the name.
      services: settings.exposure.kind === "cluster-ip" ? [inside, metrics] : [metrics],
      connectsTo: [ready.database, ready.kafka, ready.redis, ready.schemaRegistry],
      graceSeconds: 45,
    },
    backing,
    parent,
  );
}

/** Lets programs of the cluster use MCP servers under the same rules. */
export function adapter(name: string, backing: Backing, ready: Ready, parent: pulumi.Resource): Workload {
  const { settings, database } = backing;
  const plain = base(backing, "mcp-adapter", "caracal-mcp-adapter");
  const health = { httpGet: { path: "/health", port: "http" } };
  const container: Container = {
    ...plain,
    env: {
      ...secretEnv(backing, "database", "redis"),
      CARACAL_DB_PASSWORD: database.secret.key("DB_PASSWORD"),
      ...backing.kafka.clientEnv,
    },
    ports: { http: ports.adapter },
    resources: settings.adapter.resources,
    ...timings(health, health, health),
    mounts: [...mounts(plain), ...backing.kafka.clientMounts()],
    lifecycle: { preStop: { sleep: { seconds: 10 } } },
  };
  return workload(
    name,
    {
      component: "mcp-adapter",
      workloadName: "caracal-mcp-adapter",
      container,
      replicas: settings.adapter.autoscaling === false ? settings.adapter.replicas : settings.adapter.autoscaling,
      keep: 1,
      update: "surge",
      services: [{ serviceName: "caracal-mcp-adapter", ports: [samePort("http", ports.adapter)] }],
      connectsTo: [ready.database, ready.kafka, ready.redis, ready.schemaRegistry],
      graceSeconds: 45,
    },
    backing,
    parent,
  );
}

/** Reads topics of Kafka: into the signed ledger, into live metrics, or into the audit log. */
export function consumer(
  which: Consumer,
  name: string,
  backing: Backing,
  ready: Ready,
  parent: pulumi.Resource,
): Workload {
  const { settings, kafka, merkle } = backing;
  const aggregates = which === "metrics-aggregator";
  const plain = base(backing, which, "caracal-consumer");
  const container: Container = {
    ...plain,
    env: {
      CONSUMER_TYPE: which,
      KAFKA_CONSUMER_GROUP: `${which}-group`,
      KAFKA_TOPICS: consumers[which].topics.join(","),
      ...secretEnv(backing, aggregates ? "redis" : "database"),
      ...kafka.clientEnv,
    },
    ...(aggregates ? { ports: { metrics: ports.aggregatorMetrics } } : {}),
    resources: settings.consumers.resources,
    mounts: [
      ...mounts(plain),
      ...(which === "ledger-writer"
        ? [{ path: keysPath, volume: { kind: "files" as const, name: "keys", from: merkle } }]
        : []),
      ...kafka.clientMounts(),
    ],
  };
  const metrics = { serviceName: "caracal-metrics-aggregator", ports: [samePort("metrics", ports.aggregatorMetrics)] };
  return workload(
    name,
    {
      component: which,
      workloadName: `caracal-${which}`,
      container,
      replicas: settings.consumers.replicas,
      keep: undefined,
      update: "surge",
      services: aggregates ? [metrics] : [],
      connectsTo: [ready.kafka, ready.schemaRegistry, aggregates ? ready.redis : ready.database],
      extraLabels: { "app.kubernetes.io/part-of": "consumers" },
      // It finishes the batch that it holds.
      graceSeconds: 60,
    },
    backing,
    parent,
  );
}

/**
 * Where clients must show a certificate the kubelet has none: the metrics port tells whether the process lives, an open
 * port whether it takes connections.
 */
function gatewayProbes(mtls: boolean) {
  const https = { httpGet: { path: "/health", port: "https", scheme: "HTTPS" } };
  const metrics = { httpGet: { path: "/metrics", port: "metrics" } };
  return mtls ? timings(metrics, metrics, { tcpSocket: { port: "https" } }) : timings(https, https, https);
}

function timings<Probe extends object>(startup: Probe, liveness: Probe, readiness: object) {
  return {
    startup: { ...startup, initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 12 },
    liveness: { ...liveness, initialDelaySeconds: 60, periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 3 },
    readiness: { ...readiness, initialDelaySeconds: 30, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
  };
}

function workload(
  name: string,
  args: {
    component: string;
    workloadName: string;
    container: Container;
    replicas: Replicas;
    /** How many stay while a node is drained. */
    keep: number | undefined;
    update: ConstructorParameters<typeof Workload>[1]["update"];
    services: ConstructorParameters<typeof Workload>[1]["services"];
    connectsTo: Destination[];
    graceSeconds: number;
    extraLabels?: Record<string, string>;
  },
  backing: Backing,
  parent: pulumi.Resource,
): Workload {
  const { component, container, graceSeconds, keep, replicas } = args;
  return new Workload(
    name,
    {
      ...backing,
      ...args,
      services: args.services ?? [],
      labels: componentLabels(component),
      budget: keep === undefined ? undefined : keeping(keep, replicas),
      pod: {
        ...pod(backing, [container], graceSeconds),
        extraLabels: { ...args.extraLabels, "app.kubernetes.io/version": "0.3.0" },
      },
    },
    { parent },
  );
}

function base({ site, settings, config }: Backing, name: string, image: string): Omit<Container, "resources"> {
  return {
    name,
    image: ownImage(site, settings.images, image, settings.imageTag),
    envFrom: [config],
    mounts: [{ path: "/tmp", volume: { kind: "scratch", name: "tmp", sizeLimit: "256Mi" } }],
  };
}

function mounts(container: Omit<Container, "resources">): Mount[] {
  return container.mounts ?? [];
}

function secretEnv({ database }: Backing, ...of: ("database" | "redis")[]): Record<string, EnvValue> {
  const keys = { database: "DB_PASSWORD", redis: "REDIS_PASSWORD" };
  return Object.fromEntries(of.map((one) => [keys[one], database.secret.key(keys[one])]));
}

function pod({ site, settings, pullSecrets }: Backing, containers: Container[], graceSeconds: number): OwnedPod {
  return {
    containers,
    user: caracalUser,
    graceSeconds,
    imagePullSecrets: pullSecrets,
    nodeSelector: site.nodeSelector(settings.pool),
  };
}
