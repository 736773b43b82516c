/** GX Protocol's three services and its migration. */
import type * as pulumi from "@pulumi/pulumi";
import type { RedisDatabase } from "../../components/cache/redis-database.ts";
import type { PostgresDatabase } from "../../components/database/postgres-database.ts";
import { after, type Destination } from "../../components/network/connections.ts";
import { ownImage } from "../../components/platform/images.ts";
import type { Place } from "../../components/platform/system.ts";
import type { ConfigObject, ConfigSource, SecretObject } from "../../components/workload/config-objects.ts";
import { keeping } from "../../components/workload/disruption-budget.ts";
import type { Container } from "../../components/workload/pod.ts";
import type { OwnedPod } from "../../components/workload/prepare.ts";
import type { Account } from "../../components/workload/service-account.ts";
import { samePort } from "../../components/workload/service.ts";
import { Task } from "../../components/workload/task.ts";
import { Workload } from "../../components/workload/workload.ts";
import { fabricPath, ports } from "./config.ts";
import type { GxSetting } from "./settings.ts";

/** What the services are built on. */
export interface Backing extends Place {
  readonly settings: GxSetting;
  readonly database: PostgresDatabase;
  readonly redis: RedisDatabase;
  readonly config: ConfigObject;
  readonly secrets: SecretObject;
  readonly pullSecrets: SecretObject[];
}

type Fabric = Exclude<GxSetting["fabric"], false>;

/** The official Node image's user. */
const nodeUser = { uid: 1000, gid: 1000 };

/** Brings the database's tables up to date. */
export function migration(name: string, backing: Backing, parent: pulumi.Resource): Task {
  const { settings } = backing;
  const container: Container = {
    ...base(backing, "migrate", settings.migration.image),
    command: settings.migration.command,
    resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { cpu: "1", memory: "512Mi" } },
  };
  return new Task(
    name,
    {
      ...backing,
      taskName: "gx-migrate",
      deadlineSeconds: 1800,
      connectsTo: [backing.database.endpoint],
      pod: pod(backing, container, 30),
    },
    { parent },
  );
}

/** Submits commands of the outbox table to Fabric, or writes Fabric's events into the read models. */
export function worker(
  name: "outbox-submitter" | "projector",
  args: {
    urn: string;
    backing: Backing;
    migrated: Task;
    account: Account;
    fabric: Fabric;
    credentials: ConfigSource;
  },
  parent: pulumi.Resource,
): Workload {
  const { backing, fabric } = args;
  const outbox = name === "outbox-submitter";
  const { replicas, resources } = outbox ? backing.settings.outbox : backing.settings.projector;
  const port = outbox ? ports.outbox : ports.projector;
  const health = { httpGet: { path: "/health", port: "metrics" }, timeoutSeconds: 5 };
  const plain = base(backing, name, name);
  const container: Container = {
    ...plain,
    env: { ...plain.env, WORKER_ID: { fieldPath: "metadata.name" }, METRICS_PORT: String(port) },
    ports: { metrics: port },
    resources,
    liveness: {
      ...health,
      initialDelaySeconds: outbox ? 30 : 60,
      periodSeconds: 30,
      failureThreshold: outbox ? 3 : 5,
    },
    readiness: {
      ...health,
      initialDelaySeconds: outbox ? 10 : 30,
      periodSeconds: 10,
      failureThreshold: outbox ? 2 : 3,
    },
    mounts: [
      ...(plain.mounts ?? []),
      { path: fabricPath, volume: { kind: "files", name: "fabric", from: args.credentials } },
    ],
  };
  const peer: Destination = { kind: "neighbour", name: fabric.peer, namespace: fabric.namespace, ports: [fabric.port] };
  return new Workload(
    args.urn,
    {
      ...backing,
      workloadName: name,
      labels: { app: name },
      replicas,
      // The projector applies events in order: never two at once.
      update: outbox ? "surge" : "recreate",
      account: args.account,
      services: [{ serviceName: `${name}-metrics`, ports: [samePort("metrics", port)] }],
      connectsTo: [after(backing.database.endpoint, args.migrated.done), peer],
      pod: { ...pod(backing, container, outbox ? 30 : 60), ...labelled("worker", port) },
    },
    { parent },
  );
}

/** The HTTP API. */
export function api(
  args: { urn: string; backing: Backing; migrated: Task; account: Account; workers: readonly Workload[] },
  parent: pulumi.Resource,
): Workload {
  const { backing } = args;
  const { settings, secrets } = backing;
  const { autoscaling, replicas, resources, readinessPath } = settings.api;
  const http = (path: string) => ({ httpGet: { path, port: "http" } });
  const plain = base(backing, "svc-identity", "svc-identity");
  const container: Container = {
    ...plain,
    env: { ...plain.env, JWT_SECRET: secrets.key("JWT_SECRET"), REDIS_URL: secrets.key("REDIS_URL") },
    ports: { http: ports.api },
    resources,
    startup: { ...http("/health"), initialDelaySeconds: 5, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 10 },
    readiness: {
      ...http(readinessPath),
      initialDelaySeconds: 10,
      periodSeconds: 5,
      timeoutSeconds: 3,
      failureThreshold: 2,
    },
    liveness: { ...http("/livez"), initialDelaySeconds: 30, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    // Routes still point here for a moment after the signal to stop.
    lifecycle: { preStop: { sleep: { seconds: 10 } } },
  };
  const nodePort = settings.exposure.kind === "node-port" ? { nodePort: settings.exposure.port } : {};
  // Without its workers the API would accept commands that nobody submits.
  const behind = args.workers.flatMap(({ endpoint }) => endpoint.ready);
  return new Workload(
    args.urn,
    {
      ...backing,
      workloadName: "svc-identity",
      labels: { app: "svc-identity" },
      replicas:
        autoscaling === false
          ? replicas
          : {
              ...autoscaling,
              autoscalerName: "svc-identity-hpa",
              behavior: scalingBehavior,
            },
      update: "surge",
      budget: keeping(2, autoscaling === false ? replicas : autoscaling),
      account: args.account,
      services: [
        { serviceName: "svc-identity", ports: [{ name: "http", port: 80, targetPort: ports.api }], ...nodePort },
      ],
      connectsTo: [after(backing.database.endpoint, args.migrated.done, ...behind), backing.redis.endpoint],
      pod: { ...pod(backing, container, 30), ...labelled("api", ports.api) },
    },
    { parent },
  );
}

const scalingBehavior = {
  scaleUp: {
    stabilizationWindowSeconds: 60,
    selectPolicy: "Max",
    policies: [
      { type: "Percent", value: 100, periodSeconds: 60 },
      { type: "Pods", value: 2, periodSeconds: 60 },
    ],
  },
  scaleDown: {
    stabilizationWindowSeconds: 300,
    selectPolicy: "Min",
    policies: [
      { type: "Percent", value: 50, periodSeconds: 60 },
      { type: "Pods", value: 1, periodSeconds: 60 },
    ],
  },
};

/** What every container of the system has. */
function base({ site, settings, config, secrets }: Backing, name: string, image: string): Omit<Container, "resources"> {
  return {
    name,
    image: ownImage(site, settings.images, image, settings.imageTag),
    envFrom: [config],
    env: {
      DATABASE_USER: secrets.key("DATABASE_USER"),
      DATABASE_PASSWORD: secrets.key("DATABASE_PASSWORD"),
      DATABASE_URL: secrets.key("DATABASE_URL"),
    },
    mounts: [{ path: "/tmp", volume: { kind: "scratch", name: "tmp", sizeLimit: "256Mi" } }],
  };
}

function pod({ site, settings, pullSecrets }: Backing, container: Container, graceSeconds: number): OwnedPod {
  return {
    containers: [container],
    user: nodeUser,
    graceSeconds,
    imagePullSecrets: pullSecrets,
    nodeSelector: site.nodeSelector(settings.pool),
  };
}

function labelled(component: string, port: number): Pick<OwnedPod, "extraLabels" | "annotations"> {
  return {
    extraLabels: { component, tier: "backend" },
    annotations: {
      "prometheus.io/scrape": "true",
      "prometheus.io/port": String(port),
      "prometheus.io/path": "/metrics",
    },
  };
}
