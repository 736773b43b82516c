/** GX Protocol's API and two workers, and the migration that runs before them. */
import type * as pulumi from "@pulumi/pulumi";
import type { RedisDatabase } from "../../components/cache/redis-database.ts";
import type { PostgresDatabase } from "../../components/database/postgres-database.ts";
import { after, existingServer, type Destination } from "../../components/connections/destinations.ts";
import { ownImage } from "../../components/site/own-image.ts";
import type { Place } from "../../components/site/namespace.ts";
import type { ConfigObject } from "../../components/workload/config-objects.ts";
import type { ConfigSource } from "../../components/site/config-source.ts";
import { keeping } from "../../components/workload/replicas.ts";
import { release, type OwnedContainer, type OwnedPod } from "../../components/workload/shaped-pod.ts";
import type { Account } from "../../components/workload/service-account.ts";
import { samePort } from "../../components/workload/service.ts";
import { Task } from "../../components/workload/task.ts";
import { Workload } from "../../components/workload/workload.ts";
import { fabricPath, ports } from "./names.ts";
import type { GxSetting } from "./settings.ts";

/** What every workload of the system is built with. */
export interface Backing extends Place {
  readonly settings: GxSetting;
  readonly database: PostgresDatabase;
  readonly redis: RedisDatabase;
  readonly config: ConfigObject;
}

type Fabric = Exclude<GxSetting["fabric"], false>;

/** The task that migrates the database, with the image and command of the settings; undefined if they name none. */
export function migration(name: string, backing: Backing, parent: pulumi.Resource): Task | undefined {
  const { site, settings } = backing;
  if (settings.migration === "none") return undefined;
  const { image } = settings.migration;
  const usual = ownImage(site, settings.images, "svc-identity", settings.imageTag);
  return new Task(
    name,
    {
      ...backing,
      taskName: "gx-migrate",
      deadlineSeconds: 1800,
      connectsTo: [backing.database.endpoint],
      pod: { containers: [{ ...base(backing, "migrate", "svc-identity"), image: release(usual, { image }) }] },
    },
    { parent },
  );
}

/** A worker: the submitter sends commands of the outbox table to Fabric, the projector writes Fabric's events to read models. */
export function worker(
  workloadName: "outbox-submitter" | "projector",
  args: {
    name: string;
    backing: Backing;
    migrated: pulumi.Resource | undefined;
    account: Account;
    fabric: Fabric;
    credentials: ConfigSource;
  },
  parent: pulumi.Resource,
): Workload {
  const { backing, fabric, migrated } = args;
  const outbox = workloadName === "outbox-submitter";
  const port = outbox ? ports.outbox : ports.projector;
  const plain = base(backing, workloadName, workloadName);
  const container: OwnedContainer = {
    ...plain,
    env: { ...plain.env, WORKER_ID: { fieldPath: "metadata.name" }, METRICS_PORT: String(port) },
    mounts: [
      ...(plain.mounts ?? []),
      { path: fabricPath, volume: { kind: "files", name: "fabric", from: args.credentials } },
    ],
  };
  return new Workload(
    args.name,
    {
      ...backing,
      workloadName,
      // The projector applies events in order, so there are never two. Two submitters could send a command twice.
      update: outbox && backing.settings.acceptDuplicateCommands ? "surge" : "recreate",
      account: args.account,
      services: [{ serviceName: `${workloadName}-metrics`, ports: [samePort("metrics", port)] }],
      connectsTo: [databaseAfter(backing, migrated), peerOf(fabric, backing)],
      pod: { containers: [container], ...labelled("worker", port) },
    },
    { parent },
  );
}

function databaseAfter({ database }: Backing, ...done: (pulumi.Resource | undefined)[]): Destination {
  return after(database.endpoint, ...done.filter((one) => one !== undefined));
}

function peerOf({ peer, port }: Fabric, { namespace }: Backing): Destination {
  const ports = [port];
  if (peer.kind === "outside") return existingServer("fabric-peer", ports, peer.where, namespace);
  return { kind: "neighbour", name: peer.service, namespace: peer.namespace, labels: peer.labels, ports };
}

/** The HTTP API, `svc-identity`. It starts after the workers. */
export function api(
  args: {
    name: string;
    backing: Backing;
    migrated: pulumi.Resource | undefined;
    account: Account;
    workers: readonly Workload[];
  },
  parent: pulumi.Resource,
): Workload {
  const { backing } = args;
  const { settings, redis, namespace, database } = backing;
  const plain = base(backing, "svc-identity", "svc-identity");
  const authority = database.trust.path ?? redis.authorityPath;
  const container: OwnedContainer = {
    ...plain,
    env: {
      ...plain.env,
      JWT_SECRET: database.secret.key("JWT_SECRET"),
      REDIS_URL: database.secret.key("REDIS_URL"),
      NODE_EXTRA_CA_CERTS: authority,
    },
    mounts: [...(plain.mounts ?? []), ...redis.clientMounts],
  };
  const nodePort = settings.exposure.kind === "node-port" ? { nodePort: settings.exposure.port } : {};
  // Before the workers run, nobody would submit the commands that the API accepts.
  const behind = args.workers.flatMap(({ endpoint }) => endpoint.ready);
  const { replicas } = namespace.shape("svc-identity");
  return new Workload(
    args.name,
    {
      ...backing,
      workloadName: "svc-identity",
      scaling: { autoscalerName: "svc-identity-hpa", behavior: scalingBehavior },
      update: "surge",
      budget: keeping(2, replicas),
      account: args.account,
      services: [
        { serviceName: "svc-identity", ports: [{ name: "http", port: 80, targetPort: ports.api }], ...nodePort },
      ],
      connectsTo: [databaseAfter(backing, args.migrated, ...behind), redis.endpoint],
      pod: { containers: [container], ...labelled("api", ports.api) },
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

/** What the containers of API, workers and migration have in common. */
function base({ site, settings, config, database }: Backing, name: string, image: string): OwnedContainer {
  const { secret, trust } = database;
  return {
    name,
    image: ownImage(site, settings.images, image, settings.imageTag),
    envFrom: [config],
    env: {
      DATABASE_USER: secret.key("DATABASE_USER"),
      DATABASE_PASSWORD: secret.key("DATABASE_PASSWORD"),
      DATABASE_URL: secret.key("DATABASE_URL"),
      ...trust.env,
      // Left out rather than undefined, so that the API, which sets it itself, sets it after the others: the order of variables
      // is part of the pod, and another order would restart it.
      ...(trust.path === undefined ? {} : { NODE_EXTRA_CA_CERTS: trust.path }),
    },
    mounts: database.clientMounts,
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
