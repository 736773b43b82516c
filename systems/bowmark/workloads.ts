import type * as pulumi from "@pulumi/pulumi";
import { migrationContainer } from "../../components/database/migration.ts";
import type { PostgresDatabase } from "../../components/database/postgres-database.ts";
import type { RabbitMq } from "../../components/messaging/rabbitmq.ts";
import { outside, type Destination } from "../../components/network/connections.ts";
import type { Place } from "../../components/platform/system.ts";
import type { Bucket } from "../../components/storage/bucket.ts";
import type { ConfigObject, SecretObject } from "../../components/workload/config-objects.ts";
import type { Container, EnvValue, Pod } from "../../components/workload/pod.ts";
import type { ServiceArgs, ServicePort } from "../../components/workload/service.ts";
import { Task } from "../../components/workload/task.ts";
import { Workload, type WorkloadArgs } from "../../components/workload/workload.ts";
import { apps, type App } from "./apps.ts";
import type { BowMarkSetting } from "./settings.ts";

/** The services and Secrets that the workloads read. */
export interface Backing {
  readonly database: PostgresDatabase;
  readonly broker: RabbitMq;
  readonly bucket: Bucket;
  readonly mongo: Record<App, SecretObject>;
  readonly general: SecretObject;
  readonly spaces: SecretObject;
  readonly email: SecretObject;
  readonly search: SecretObject;
  readonly migrations: ConfigObject;
  readonly pullSecrets: SecretObject[];
}

/** The user of the official Node image that the three images build on. */
const nodeUser = { uid: 1000, gid: 1000 };

/** Bow-Mark's four kinds of workload and its one-time task, each for either app. */
export class Workloads {
  readonly #name: string;
  readonly #settings: BowMarkSetting;
  readonly #place: Place;
  readonly #backing: Backing;
  readonly #parent: pulumi.Resource;

  constructor(name: string, settings: BowMarkSetting, place: Place, backing: Backing, parent: pulumi.Resource) {
    this.#name = name;
    this.#settings = settings;
    this.#place = place;
    this.#backing = backing;
    this.#parent = parent;
  }

  /** GraphQL and file routes. */
  server(app: App): Workload {
    const { replicas, resources } = this.#settings.servers;
    const tcp = { tcpSocket: { port: 8080 } };
    return this.#workload("server", app, "server", {
      pool: this.#settings.pools.servers,
      replicas,
      // A server fills its node, so a surge pod would wait for a new one.
      update: "in-place",
      graceSeconds: 60,
      services: this.#http("server", app, { port: apps[app].serverPort, targetPort: 8080 }),
      container: {
        name: "server",
        image: this.#image("bow-mark-server"),
        env: this.#serverEnv(app, "api"),
        ports: { http: 8080 },
        resources,
        readiness: { ...tcp, initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
        liveness: { ...tcp, initialDelaySeconds: 60, periodSeconds: 30, failureThreshold: 5 },
      },
      connectsTo: this.#serverConnections(),
    });
  }

  /** Background jobs; one at a time. */
  worker(app: App): Workload {
    const { replicas, resources } = this.#settings.workers;
    return this.#workload("worker", app, "worker", {
      pool: this.#settings.pools.everythingElse,
      replicas,
      update: "recreate",
      graceSeconds: 60,
      container: {
        name: "worker",
        image: this.#image("bow-mark-server"),
        env: this.#serverEnv(app, "worker"),
        resources,
      },
      connectsTo: this.#serverConnections(),
    });
  }

  /** Writes MongoDB's changes into the reporting database, after migrating it. */
  consumer(app: App): Workload {
    const { database, broker, migrations } = this.#backing;
    const { replicas, resources } = this.#settings.consumers;
    return this.#workload("consumer", app, "consumer", {
      pool: this.#settings.pools.everythingElse,
      replicas,
      update: "recreate",
      graceSeconds: 60,
      initContainer: migrationContainer({
        images: this.#place.site.images,
        database,
        databaseName: database.secret.key(apps[app].databaseKey),
        migrations,
      }),
      container: {
        name: "consumer",
        image: this.#image("bow-mark-server"),
        command: ["node", "dist/consumer/index.js"],
        env: { ...this.#appEnv(app), APP_NAME: apps[app].title, ...this.#brokerEnv(app) },
        resources,
      },
      connectsTo: [database.endpoint, broker.endpoint, mongo],
    });
  }

  /** Pages; they call their own server while rendering. */
  client(app: App, server: Workload): Workload {
    const { replicas, resources } = this.#settings.clients;
    const tcp = { tcpSocket: { port: 3000 } };
    return this.#workload("client", app, "web", {
      pool: this.#settings.pools.everythingElse,
      replicas,
      update: "in-place",
      graceSeconds: 30,
      services: this.#http("client", app, { port: apps[app].clientPort, targetPort: 3000 }),
      container: {
        name: "client",
        image: this.#image(apps[app].image),
        ports: { http: 3000 },
        resources,
        readiness: { ...tcp, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
        liveness: { ...tcp, initialDelaySeconds: 30, periodSeconds: 30 },
      },
      connectsTo: [server.endpoint],
    });
  }

  /** Fills a new reporting database from MongoDB, once. */
  backfill(app: App): Task {
    const { database } = this.#backing;
    const container: Container = {
      name: "backfill",
      image: this.#image("bow-mark-server"),
      command: ["node", "dist/scripts/backfill-postgres.js"],
      env: { ...this.#appEnv(app), POSTGRES_DB: apps[app].database },
      resources: this.#settings.workers.resources,
    };
    return new Task(
      `${this.#name}-backfill-${app}`,
      {
        ...this.#place,
        taskName: `backfill-${app}`,
        deadlineSeconds: 4 * 3600,
        connectsTo: [database.endpoint, mongo],
        pod: this.#pod(container, { pool: this.#settings.pools.everythingElse, graceSeconds: 60 }),
      },
      { parent: this.#parent },
    );
  }

  #workload(
    kind: string,
    app: App,
    component: string,
    args: Pick<WorkloadArgs, "replicas" | "update" | "services" | "connectsTo"> & PodNeeds & { container: Container },
  ): Workload {
    return new Workload(
      `${this.#name}-${kind}${apps[app].suffix}`,
      {
        ...this.#place,
        workloadName: `${kind}${apps[app].suffix}-deployment`,
        labels: { component: `${component}${apps[app].suffix}` },
        pod: this.#pod(args.container, args),
        replicas: args.replicas,
        update: args.update,
        services: args.services ?? [],
        connectsTo: args.connectsTo,
      },
      { parent: this.#parent },
    );
  }

  #pod(container: Container, { pool, graceSeconds, initContainer }: PodNeeds): WorkloadArgs["pod"] {
    const tmp: Container["mounts"] = [{ path: "/tmp", volume: { kind: "scratch", name: "tmp", sizeLimit: "256Mi" } }];
    return {
      containers: [{ ...container, mounts: tmp }],
      ...(initContainer === undefined ? {} : { initContainers: [initContainer] }),
      user: nodeUser,
      graceSeconds,
      imagePullSecrets: this.#backing.pullSecrets,
      nodeSelector: this.#place.site.nodeSelector(pool),
    };
  }

  #image(image: string): string {
    return `${this.#settings.images.repository}/${image}:${this.#settings.imageTag}`;
  }

  #http(kind: string, app: App, ports: Omit<ServicePort, "name">): ServiceArgs[] {
    return [{ serviceName: `${kind}${apps[app].suffix}-cluster-ip-service`, ports: [{ name: "http", ...ports }] }];
  }

  #serverConnections(): Destination[] {
    const { database, broker, bucket } = this.#backing;
    const { email, search } = this.#settings;
    const searchPort = Number(new URL(search.host).port || 443);
    return [
      database.endpoint,
      broker.endpoint,
      mongo,
      outside("meilisearch", searchPort),
      bucket.destination,
      outside("smtp", email.port),
    ];
  }

  /** What every process of an app reads: environment, MongoDB, PostgreSQL. */
  #appEnv(app: App): Record<string, EnvValue> {
    const { secret } = this.#backing.database;
    return {
      NODE_ENV: "production",
      MONGO_URI: this.#backing.mongo[app].key("mongoURI"),
      POSTGRES_HOST: secret.key("host"),
      POSTGRES_PORT: secret.key("port"),
      POSTGRES_USER: secret.key("user"),
      POSTGRES_PASSWORD: secret.key("password"),
      POSTGRES_DB: secret.key(apps[app].databaseKey),
    };
  }

  #brokerEnv(app: App): Record<string, EnvValue> {
    const { secret } = this.#backing.broker;
    return {
      RABBITMQ_HOST: secret.key("host"),
      RABBITMQ_PORT: secret.key("port"),
      RABBITMQ_USER: secret.key("user"),
      RABBITMQ_PASSWORD: secret.key("password"),
      RABBITMQ_VHOST: secret.key(apps[app].vhostKey),
    };
  }

  #serverEnv(app: App, type: "api" | "worker"): Record<string, EnvValue> {
    const { general, spaces, email, search } = this.#backing;
    return {
      ...this.#appEnv(app),
      ...this.#brokerEnv(app),
      APP_NAME: apps[app].title,
      APP_TYPE: type,
      SEARCH_GROUP: apps[app].searchGroup,
      JWT_SECRET: general.key("jwtSecret"),
      SPACES_NAME: spaces.key("name"),
      SPACES_REGION: spaces.key("region"),
      SPACES_KEY: spaces.key("key"),
      SPACES_SECRET: spaces.key("secret"),
      EMAIL: email.key("email"),
      EMAIL_USERNAME: email.key("username"),
      EMAIL_PASSWORD: email.key("password"),
      EMAIL_HOST: email.key("host"),
      EMAIL_PORT: email.key("port"),
      SEARCH_HOST: search.key("host"),
      SEARCH_API_KEY: search.key("apiKey"),
    };
  }
}

interface PodNeeds {
  readonly pool: string;
  readonly graceSeconds: NonNullable<Pod["graceSeconds"]>;
  readonly initContainer?: Container;
}

const mongo = outside("mongodb", 27017);
