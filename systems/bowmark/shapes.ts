/** Shapes of Bow-Mark's workloads: the values of the document, or what the published images need instead. Pure. */
import {
  authorityMounts,
  backupShapes,
  dbmateShape,
  postgresShapes,
} from "../../settings/slices/data-shapes/postgres.ts";
import { rabbitMqShapes } from "../../settings/slices/data-shapes/rabbitmq.ts";
import { apiTaskShape } from "../../settings/slices/data-shapes/task.ts";
import type { ShapeDefaults } from "../../settings/slices/shape.ts";
import type { ProbeSetting } from "../../settings/slices/workload.ts";
import { appNames, apps, workloadName, type App } from "./apps.ts";
import type { BowMarkSetting } from "./settings.ts";

const user = { uid: 1000, gid: 1000 };
const writable = { "/tmp": "256Mi" };

const postgresEnv = ["POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"];
const brokerEnv = ["RABBITMQ_HOST", "RABBITMQ_PORT", "RABBITMQ_USER", "RABBITMQ_PASSWORD", "RABBITMQ_VHOST"];
const appEnv = ["MONGO_URI", ...postgresEnv];
const serverEnv = [
  ...appEnv,
  ...brokerEnv,
  "JWT_SECRET",
  ...["SPACES_NAME", "SPACES_REGION", "SPACES_KEY", "SPACES_SECRET"],
  ...["EMAIL", "EMAIL_USERNAME", "EMAIL_PASSWORD", "EMAIL_HOST", "EMAIL_PORT"],
  ...["SEARCH_HOST", "SEARCH_API_KEY"],
];

/** Connections that each pod opens to PostgreSQL. Source: the application's PostgreSQL client. */
const poolSize = 20;

/**
 * Liveness probe of a consumer: whether the kernel lists an established connection to RabbitMQ's port. A consumer that has lost
 * its connection never reconnects, and would go on running without doing anything. It is restarted after ten minutes, which is
 * longer than a restart of RabbitMQ takes.
 */
function consumes({ rabbitmq }: BowMarkSetting): ProbeSetting {
  // A CNI that replaces the address of a Service when a connection is opened makes the kernel list the port of the pod.
  const listed = rabbitmq.kind === "existing" && rabbitmq.where.kind === "pods" ? (rabbitmq.where.ports ?? []) : [];
  const all = [...new Set([rabbitmq.kind === "existing" ? rabbitmq.port : 5672, ...listed])].map(hex);
  const port = all.length === 1 ? all.join("") : `(${all.join("|")})`;
  return {
    exec: ["sh", "-c", `grep -qE ':[0-9A-F]{4} [0-9A-F]+:${port} 01 ' /proc/net/tcp /proc/net/tcp6`],
    initialDelaySeconds: 60,
    periodSeconds: 30,
    timeoutSeconds: 5,
    failureThreshold: 20,
  };
}

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}

export function bowMarkShapes(settings: BowMarkSetting): Record<string, ShapeDefaults> {
  const { database, backup, nightlyRestart } = settings;
  const { everythingElse: pool } = settings.pools;
  return {
    ...Object.fromEntries(appNames.flatMap((app) => Object.entries(appShapes(settings, app)))),
    ...postgresShapes("postgres", database, {
      pool,
      user: "bowmark",
      database: apps.paving.database,
      userInSecret: true,
    }),
    ...rabbitMqShapes("rabbitmq", settings.rabbitmq, pool),
    ...backupShapes("pg-backup", backup, database, pool),
    ...(nightlyRestart === false ? {} : { "nightly-worker-restart": apiTaskShape(pool) }),
  };
}

function appShapes(settings: BowMarkSetting, app: App): Record<string, ShapeDefaults> {
  const { servers, everythingElse: pool } = settings.pools;
  const { database, runBackfill } = settings;
  const authority = authorityMounts(database);
  const env = settings.env[app];
  const single = "two pods of this workload would do the same work twice";
  const small = { requests: { cpu: "250m", memory: "500Mi" }, limits: { cpu: "1", memory: "2000Mi" } };
  const common = { kind: "deployment" as const, pool, user, writable, env, graceSeconds: 60 };
  return {
    [workloadName("server", app)]: {
      ...common,
      pool: servers,
      replicas: 2,
      ports: { http: 8080 },
      mounts: authority,
      secretEnv: serverEnv,
      resources: { requests: { cpu: "1", memory: "2000Mi" }, limits: { cpu: "2", memory: "4000Mi" } },
      probes: {
        readiness: { tcp: 8080, initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
        liveness: { tcp: 8080, initialDelaySeconds: 60, periodSeconds: 30, failureThreshold: 5 },
      },
      // The server ends at once at the signal to stop, while proxies still send it requests.
      preStopSeconds: 10,
      connections: poolSize,
    },
    [workloadName("worker", app)]: {
      ...common,
      single,
      mounts: authority,
      secretEnv: serverEnv,
      resources: small,
      connections: poolSize,
    },
    [workloadName("consumer", app)]: {
      ...common,
      single,
      mounts: authority,
      secretEnv: [...appEnv, ...brokerEnv],
      // The document raised the limit to 2 GiB after consumers had been killed for their use of memory.
      resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { cpu: "500m", memory: "2Gi" } },
      probes: { liveness: consumes(settings) },
      connections: poolSize,
    },
    [workloadName("client", app)]: {
      ...common,
      ports: { http: 3000 },
      // While it renders pages, the client asks its server inside the cluster; the value in the image is the public host.
      env: { SSR_API_URL: serverUrl(app), ...env },
      resources: small,
      probes: {
        readiness: { tcp: 3000, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
        liveness: { tcp: 3000, initialDelaySeconds: 30, periodSeconds: 30 },
      },
      graceSeconds: 30,
      preStopSeconds: 10,
    },
    [`pg-migrate-${app}`]: dbmateShape(pool, database),
    ...(runBackfill
      ? {
          [`backfill-${app}`]: {
            ...common,
            kind: "task" as const,
            mounts: authority,
            secretEnv: ["MONGO_URI", ...postgresEnv.slice(0, -1)],
            resources: small,
            connections: poolSize,
          },
        }
      : {}),
  };
}

function serverUrl(app: App): string {
  return `http://server${apps[app].suffix}-cluster-ip-service:${apps[app].serverPort}/graphql`;
}
