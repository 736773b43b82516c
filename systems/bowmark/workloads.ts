import type * as pulumi from "@pulumi/pulumi";
import type { PostgresDatabase } from "../../components/database/postgres-database.ts";
import type { RabbitMq } from "../../components/messaging/rabbitmq.ts";
import { after, outside, type Destination } from "../../components/connections/destinations.ts";
import { portOf } from "../../catalogue/addresses.ts";
import { withTag } from "../../catalogue/image.ts";
import type { Place } from "../../components/site/namespace.ts";
import type { Bucket } from "../../components/storage/bucket.ts";
import type { SecretSource } from "../../components/workload/config-objects.ts";
import type { Env } from "../../components/workload/pod.ts";
import type { OwnedContainer } from "../../components/workload/shaped-pod.ts";
import type { ServiceArgs, ServicePort } from "../../components/workload/service.ts";
import { Task } from "../../components/workload/task.ts";
import { Workload, type WorkloadArgs } from "../../components/workload/workload.ts";
import { apps, workloadName, type App } from "./apps.ts";
import type { BowMarkSetting } from "./settings.ts";

/** Data services that the workloads use, and Secrets that they read. */
export interface Backing {
  readonly database: PostgresDatabase;
  readonly broker: RabbitMq;
  readonly bucket: Bucket;
  readonly mongo: Record<App, SecretSource>;
  readonly general: SecretSource;
  readonly spaces: SecretSource;
  readonly email: SecretSource;
  readonly search: SecretSource;
}

/** Makes Bow-Mark's workloads: server, worker, consumer and client of an app, and its task to fill a new database. */
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

  /** The API server: GraphQL and files. */
  server(app: App): Workload {
    return this.#workload("server", app, "server", {
      // A server requests most of a node, so a pod beside the old ones would wait until a new node has started.
      update: "in-place",
      services: this.#http("server", app, { port: apps[app].serverPort, targetPort: 8080 }),
      container: {
        name: "server",
        image: this.#image("bow-mark-server"),
        env: this.#serverEnv(app, "api"),
        mounts: this.#backing.database.clientMounts,
      },
      connectsTo: this.#serverConnections(),
    });
  }

  /** The worker for background jobs; never two at once. */
  worker(app: App): Workload {
    return this.#workload("worker", app, "worker", {
      update: "recreate",
      container: {
        name: "worker",
        image: this.#image("bow-mark-server"),
        env: this.#serverEnv(app, "worker"),
        mounts: this.#backing.database.clientMounts,
      },
      connectsTo: this.#serverConnections(),
    });
  }

  /** The consumer, which writes changes of MongoDB into the reporting database. It starts after the database's migration. */
  consumer(app: App, migrated: Task): Workload {
    const { database, broker } = this.#backing;
    return this.#workload("consumer", app, "consumer", {
      update: "recreate",
      container: {
        name: "consumer",
        image: this.#image("bow-mark-server"),
        command: ["node", "dist/consumer/index.js"],
        env: { ...this.#appEnv(app), APP_NAME: apps[app].title, ...this.#brokerEnv(app) },
        mounts: database.clientMounts,
      },
      connectsTo: [after(database.endpoint, migrated.done), broker.endpoint, mongo],
    });
  }

  /** The client, which renders pages and asks the server of its app while doing so. */
  client(app: App, server: Workload): Workload {
    return this.#workload("client", app, "web", {
      update: "in-place",
      services: this.#http("client", app, { port: apps[app].clientPort, targetPort: 3000 }),
      container: { name: "client", image: this.#image(apps[app].image) },
      connectsTo: [server.endpoint],
    });
  }

  /** The task that fills a new reporting database from MongoDB, after its migration. */
  backfill(app: App, migrated: Task): Task {
    const { database } = this.#backing;
    const container: OwnedContainer = {
      name: "backfill",
      image: this.#image("bow-mark-server"),
      command: ["node", "dist/scripts/backfill-postgres.js"],
      env: { ...this.#appEnv(app), POSTGRES_DB: apps[app].database },
      mounts: database.clientMounts,
    };
    return new Task(
      `${this.#name}-backfill-${app}`,
      {
        ...this.#place,
        taskName: `backfill-${app}`,
        deadlineSeconds: 4 * 3600,
        connectsTo: [after(database.endpoint, migrated.done), mongo],
        pod: { containers: [container] },
      },
      { parent: this.#parent },
    );
  }

  #workload(
    kind: "server" | "worker" | "consumer" | "client",
    app: App,
    component: string,
    args: Pick<WorkloadArgs, "update" | "services" | "connectsTo"> & { container: OwnedContainer },
  ): Workload {
    const { container, ...rest } = args;
    return new Workload(
      `${this.#name}-${kind}${apps[app].suffix}`,
      {
        ...this.#place,
        ...rest,
        workloadName: workloadName(kind, app),
        labels: { component: `${component}${apps[app].suffix}` },
        pod: { containers: [container] },
      },
      { parent: this.#parent },
    );
  }

  #image(image: string): string {
    return withTag(`${this.#settings.images.repository}/${image}`, this.#settings.imageTag);
  }

  #http(kind: string, app: App, ports: Omit<ServicePort, "name">): ServiceArgs[] {
    return [{ serviceName: `${kind}${apps[app].suffix}-cluster-ip-service`, ports: [{ name: "http", ...ports }] }];
  }

  #serverConnections(): Destination[] {
    const { database, broker, bucket } = this.#backing;
    const { email, search } = this.#settings;
    return [
      database.endpoint,
      broker.endpoint,
      mongo,
      outside("meilisearch", portOf(search.host)),
      bucket.destination,
      outside("smtp", email.port),
    ];
  }

  /** Variables that server, worker and consumer of an app have in common: MongoDB and PostgreSQL. */
  #appEnv(app: App): Env {
    const { secret, trust } = this.#backing.database;
    return {
      NODE_ENV: "production",
      ...trust.env,
      NODE_EXTRA_CA_CERTS: trust.path,
      MONGO_URI: this.#backing.mongo[app].key("mongoURI"),
      POSTGRES_HOST: secret.key("host"),
      POSTGRES_PORT: secret.key("port"),
      POSTGRES_USER: secret.key("user"),
      POSTGRES_PASSWORD: secret.key("password"),
      POSTGRES_DB: secret.key(apps[app].databaseKey),
    };
  }

  #brokerEnv(app: App): Env {
    const { secret } = this.#backing.broker;
    return {
      RABBITMQ_HOST: secret.key("host"),
      RABBITMQ_PORT: secret.key("port"),
      RABBITMQ_USER: secret.key("user"),
      RABBITMQ_PASSWORD: secret.key("password"),
      RABBITMQ_VHOST: secret.key(apps[app].vhostKey),
    };
  }

  #serverEnv(app: App, type: "api" | "worker"): Env {
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

const mongo = outside("mongodb", 27017);
