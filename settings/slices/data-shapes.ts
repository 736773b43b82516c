/** The workloads of data services as their components have them, for a system's table of workloads. Pure. */
import type { BackupSetting, KafkaSetting, PostgresSetting, RedisSetting } from "./data-services.ts";
import type { Resources } from "./fields.ts";
import type { ShapeDefaults } from "./shape.ts";
import type { ProbeSetting } from "./workload.ts";

type Shapes = Record<string, ShapeDefaults>;

const size = (cpu: [string, string], memory: [string, string]): Resources => ({
  requests: { cpu: cpu[0], memory: memory[0] },
  limits: { cpu: cpu[1], memory: memory[1] },
});

/** Users of the images, by number: a name alone does not satisfy `runAsNonRoot`. */
const users = {
  /** The Debian image; the Alpine one differs, so the two never share a volume. */
  postgres: { uid: 999, gid: 999 },
  rabbitmq: { uid: 999, gid: 999 },
  /** The Alpine image. */
  redis: { uid: 999, gid: 1000 },
  confluent: { uid: 1000, gid: 1000 },
  nobody: { uid: 65_532, gid: 65_532 },
};

const task = (pool: string, rest: Partial<ShapeDefaults> & Pick<ShapeDefaults, "user">): ShapeDefaults => ({
  kind: "task",
  pool,
  resources: size(["50m", "250m"], ["64Mi", "128Mi"]),
  graceSeconds: 30,
  writable: { "/tmp": "16Mi" },
  ...rest,
});

/** A PostgreSQL's server and the tasks that prepare it, whichever kind it is. */
export function postgresShapes(
  serverName: string,
  setting: PostgresSetting,
  args: {
    pool: string;
    user: string;
    database: string;
    resources?: Resources;
    /** Whether the user's name is a key of the Secret, too. */
    userInSecret: boolean;
  },
): Shapes {
  const { pool, user, database, userInSecret } = args;
  switch (setting.kind) {
    case "in-cluster": {
      const isReady: ProbeSetting = { exec: ["pg_isready", "-U", user, "-d", database], timeoutSeconds: 5 };
      return {
        [serverName]: {
          kind: "data",
          pool,
          user: users.postgres,
          ports: { postgres: 5432 },
          resources: args.resources ?? size(["250m", "1"], ["256Mi", "512Mi"]),
          writable: { "/var/run/postgresql": "16Mi", "/tmp": "256Mi" },
          mounts: ["/var/lib/postgresql/data", "/docker-entrypoint-initdb.d", "/dev/shm"],
          secretEnv: ["POSTGRES_PASSWORD", ...(userInSecret ? ["POSTGRES_USER"] : [])],
          probes: {
            // An hour: recovery after a crash must not be cut short by the liveness probe.
            startup: { ...isReady, periodSeconds: 10, failureThreshold: 360 },
            readiness: { ...isReady, initialDelaySeconds: 5, periodSeconds: 10 },
            liveness: { ...isReady, initialDelaySeconds: 30, periodSeconds: 30, failureThreshold: 5 },
          },
          // The signal is a fast shutdown, whose checkpoint can take longer than the default half minute.
          graceSeconds: 120,
        },
        [`${serverName}-setup`]: task(pool, {
          user: users.postgres,
          mounts: ["/scripts", "/credentials"],
          connections: 1,
        }),
      };
    }
    case "managed":
      return {
        [`${serverName}-grant`]: task(pool, {
          user: users.postgres,
          mounts: ["/scripts", "/etc/postgres-client"],
          secretEnv: ["PGUSER", "PGPASSWORD"],
          connections: 1,
        }),
      };
    case "existing":
      return {};
  }
}

/** A task that runs SQL with PostgreSQL's own client. */
export function sqlShape(pool: string, setting: PostgresSetting): ShapeDefaults {
  return task(pool, {
    user: users.postgres,
    mounts: ["/scripts", ...authorityMounts(setting)],
    secretEnv: ["PGPASSWORD"],
    connections: 1,
  });
}

/** A task that brings a database to the newest migration with dbmate. */
export function dbmateShape(pool: string, setting: PostgresSetting): ShapeDefaults {
  return {
    kind: "task",
    pool,
    user: users.nobody,
    resources: size(["50m", "250m"], ["64Mi", "128Mi"]),
    graceSeconds: 30,
    mounts: ["/migrations", ...authorityMounts(setting)],
    secretEnv: ["DATABASE_URL"],
    connections: 1,
  };
}

/** Where clients find the authority of a server that has one. */
export function authorityMounts(setting: PostgresSetting): string[] {
  const has = setting.kind === "managed" || (setting.kind === "existing" && setting.tls.startsWith("verify"));
  return has ? ["/etc/postgres-client"] : [];
}

/** The dumps of a database, and the drill that restores the newest. */
export function backupShapes(
  taskName: string,
  setting: BackupSetting | false,
  database: PostgresSetting,
  pool: string,
): Shapes {
  if (setting === false) return {};
  const step = {
    user: users.postgres,
    // Compression is what a dump takes its time for.
    resources: size(["100m", "2"], ["128Mi", "512Mi"]),
    writable: { "/tmp": "64Mi" },
  };
  const spaces = ["SPACES_NAME", "SPACES_REGION", "SPACES_KEY", "SPACES_SECRET"];
  return {
    [taskName]: task(pool, {
      ...step,
      mounts: ["/scripts", "/dumps", ...authorityMounts(database)],
      secretEnv: ["PGPASSWORD", ...spaces],
      connections: 1,
    }),
    ...(setting.restoreDrill === undefined
      ? {}
      : {
          [`${taskName}-drill`]: task(pool, {
            ...step,
            mounts: ["/scripts", "/dumps", "/restored"],
            secretEnv: spaces,
          }),
        }),
  };
}

/** Where clients find the authority of a Redis that has one of its own. */
export function redisClientMounts(setting: RedisSetting | false): string[] {
  if (setting === false || setting.kind === "in-cluster") return [];
  const has = setting.kind === "managed" || (setting.tls && setting.caCertificate !== undefined);
  return has ? ["/etc/redis-client"] : [];
}

/** A Redis in the cluster. */
export function redisShapes(serverName: string, setting: RedisSetting | false, pool: string): Shapes {
  if (setting === false || setting.kind !== "in-cluster") return {};
  const ping = (kind: string): ProbeSetting => ({
    exec: ["sh", "/probes/ping.sh", kind],
    timeoutSeconds: 5,
    failureThreshold: 3,
  });
  return {
    [serverName]: {
      kind: "data",
      pool,
      user: users.redis,
      ports: { redis: 6379 },
      resources: size(["250m", "1"], ["256Mi", "1Gi"]),
      mounts: ["/data", "/etc/redis/redis.conf", "/etc/redis/users", "/probes"],
      secretEnv: ["REDISCLI_AUTH"],
      probes: {
        readiness: { ...ping("ready"), initialDelaySeconds: 10, periodSeconds: 10 },
        liveness: { ...ping("live"), initialDelaySeconds: 30, periodSeconds: 30 },
      },
      // It saves its data before it stops.
      graceSeconds: 60,
    },
  };
}

const configFiles = ["load_definitions.conf", "90-doks-systems.conf"];

/** A RabbitMQ in the cluster. */
export function rabbitMqShapes(serverName: string, pool: string): Shapes {
  const diagnostics = (command: string): ProbeSetting => ({
    exec: ["rabbitmq-diagnostics", command],
    timeoutSeconds: 10,
  });
  return {
    [serverName]: {
      kind: "data",
      pool,
      user: users.rabbitmq,
      ports: { amqp: 5672, management: 15_672 },
      resources: size(["100m", "500m"], ["256Mi", "512Mi"]),
      writable: { "/var/log/rabbitmq": "64Mi", "/tmp": "64Mi" },
      mounts: [
        "/var/lib/rabbitmq",
        ...configFiles.map((file) => `/etc/rabbitmq/conf.d/${file}`),
        "/etc/rabbitmq/definitions",
      ],
      probes: {
        readiness: { ...diagnostics("ping"), initialDelaySeconds: 20, periodSeconds: 15 },
        liveness: { ...diagnostics("status"), initialDelaySeconds: 60, periodSeconds: 30, failureThreshold: 5 },
      },
      graceSeconds: 120,
    },
  };
}

/** Folders that the Confluent images write to beside their data. */
function confluentFolders(service: "kafka" | "zookeeper" | "schema-registry"): Record<string, string> {
  return service === "schema-registry"
    ? { "/etc/schema-registry": "16Mi", "/var/log/confluent": "256Mi", "/tmp": "256Mi" }
    : { "/etc/kafka": "16Mi", [`/etc/${service}/secrets`]: "1Mi", "/var/log/kafka": "256Mi", "/tmp": "256Mi" };
}

const confluent = { user: users.confluent };

/** What the variables of a JVM that runs beside the server must not inherit: its port for JMX, its agents, its heap. */
const asClient = ["env", "-u", "JMX_PORT", "-u", "KAFKA_JMX_OPTS", "-u", "KAFKA_OPTS", "KAFKA_HEAP_OPTS=-Xmx128m"];

/** Kafka's brokers and ZooKeepers in the cluster, and the task that makes the topics. */
export function kafkaShapes(
  names: { server: string; zookeeper: string; topics: string },
  setting: KafkaSetting,
  pool: string,
): Shapes {
  const topics = task(pool, {
    ...confluent,
    resources: size(["100m", "1"], ["256Mi", "384Mi"]),
    writable: confluentFolders("kafka"),
    mounts: ["/files", ...kafkaClientMounts(setting)],
  });
  if (setting.kind === "managed") return {};
  if (setting.kind === "existing") return { [names.topics]: topics };
  const versions: ProbeSetting = {
    exec: [...asClient, "kafka-broker-api-versions", "--bootstrap-server", "localhost:9092"],
  };
  const ask = (kind: string): ProbeSetting => ({
    exec: ["bash", "/scripts/zookeeper-probe.sh", kind],
    timeoutSeconds: 5,
    failureThreshold: 3,
  });
  return {
    [names.server]: {
      ...confluent,
      kind: "data",
      pool,
      ports: { broker: 9092 },
      resources: size(["500m", "2"], ["1Gi", "2Gi"]),
      writable: confluentFolders("kafka"),
      mounts: ["/var/lib/kafka/data"],
      probes: {
        // Half an hour for the recovery of logs after a crash, before the liveness probe counts.
        startup: { tcp: 9092, periodSeconds: 10, failureThreshold: 180 },
        readiness: { ...versions, initialDelaySeconds: 30, periodSeconds: 30, timeoutSeconds: 15, failureThreshold: 3 },
        // The command asks every broker, so one that hangs must not make the others look dead: a long time-out.
        liveness: { ...versions, initialDelaySeconds: 60, periodSeconds: 60, timeoutSeconds: 45, failureThreshold: 5 },
      },
      // A broker hands over its partitions before it stops.
      graceSeconds: 120,
    },
    [names.zookeeper]: {
      ...confluent,
      kind: "data",
      pool,
      ports: { client: 2181, follower: 2888, election: 3888 },
      resources: size(["250m", "1"], ["512Mi", "1Gi"]),
      writable: confluentFolders("zookeeper"),
      mounts: ["/var/lib/zookeeper/data", "/var/lib/zookeeper/log", "/scripts"],
      probes: {
        readiness: { ...ask("ready"), initialDelaySeconds: 10, periodSeconds: 10 },
        liveness: { ...ask("live"), initialDelaySeconds: 30, periodSeconds: 30 },
      },
      graceSeconds: 60,
    },
    [names.topics]: topics,
  };
}

/** Confluent's Schema Registry. */
export function schemaRegistryShape(pool: string, setting: KafkaSetting): ShapeDefaults {
  const http: ProbeSetting = { http: { path: "/", port: "http" } };
  return {
    ...confluent,
    kind: "deployment",
    pool,
    ports: { http: 8081 },
    resources: size(["250m", "1000m"], ["512Mi", "1Gi"]),
    replicas: 2,
    writable: confluentFolders("schema-registry"),
    mounts: kafkaClientMounts(setting),
    secretEnv: kafkaAsksForPassword(setting) ? ["SCHEMA_REGISTRY_KAFKASTORE_SASL_JAAS_CONFIG"] : [],
    probes: {
      readiness: { ...http, initialDelaySeconds: 30, periodSeconds: 10, timeoutSeconds: 5 },
      liveness: { ...http, initialDelaySeconds: 60, periodSeconds: 30, timeoutSeconds: 10 },
    },
    graceSeconds: 30,
  };
}

/** A task that asks the cluster's own API. */
export function apiTaskShape(pool: string, mounts: readonly string[] = []): ShapeDefaults {
  return task(pool, { user: users.nobody, mounts });
}

/** Whether clients prove themselves to brokers with a password. */
export function kafkaAsksForPassword(setting: KafkaSetting): boolean {
  return setting.kind === "managed" || (setting.kind === "existing" && "mechanism" in setting.security);
}

/** Where clients find what proves them to brokers. */
export function kafkaClientMounts(setting: KafkaSetting): string[] {
  const asks = setting.kind === "managed" || (setting.kind === "existing" && setting.security.protocol !== "PLAINTEXT");
  return asks ? ["/etc/kafka-client"] : [];
}
