import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../site/component.ts";
import type { BackupSetting } from "../../settings/slices/data-services.ts";
import type { Secrets, SystemOn } from "../../settings/secrets.ts";
import { RedisDatabase } from "../cache/redis-database.ts";
import type { RedisDatabaseArgs } from "../cache/server.ts";
import { PostgresBackup } from "../database/postgres-backup.ts";
import { PostgresDatabase } from "../database/postgres-database.ts";
import type { PostgresDatabaseArgs } from "../database/server.ts";
import type { RouteArgs } from "../edge/route-args.ts";
import { Route } from "../edge/route.ts";
import { RotatingPassword } from "../secrets/rotating-password.ts";
import { Namespace, type Place } from "../site/namespace.ts";
import type { Site } from "../site/site.ts";
import { pullSecret } from "../storage/pull-secret.ts";
import { ConfigObject, SecretObject, type Values } from "../workload/config-objects.ts";
import { Workload, type WorkloadArgs } from "../workload/workload.ts";

/** Secrets of existing servers and buckets, by the keys that all systems use. */
interface UsualSecrets {
  /** Password of the registry; needed only if the pull Secret is of the kind `credentials`. */
  readonly registryPassword?: string | undefined;
  /** Password of an existing PostgreSQL. */
  readonly databasePassword?: string | undefined;
  /** Password of an existing Redis. */
  readonly redisPassword?: string | undefined;
  /** Spaces key of an existing bucket for backups. */
  readonly backupBucket?: { readonly key: string; readonly secret: string } | undefined;
}

/** Arguments of `System`: the settings, secrets and facts of a system that is on, and where it runs. */
export interface SystemArgs extends SystemOn<unknown, UsualSecrets> {
  /** The cluster and account that the system runs on. */
  readonly site: Site;
  /** Whether the namespace has volumes with data; in production it is then protected and retained. @default true */
  readonly holdsData?: boolean;
  /** Labels of every object in the namespace. @default {} */
  readonly labels?: Record<string, string>;
  /** Whether a service mesh injects containers into the pods, which Pod Security `restricted` would refuse. @default false */
  readonly meshed?: boolean;
}

/**
 * Transformation that gives the cluster's provider to each Kubernetes object of a system. If the component had the provider
 * itself, all of its children would wait for the cluster: also databases and buckets, which take as long to make and do not
 * need it.
 */
function inCluster({ provider }: Site): pulumi.ResourceTransformation {
  return ({ type, props, opts }) =>
    type.startsWith("kubernetes:") ? { props, opts: { provider, ...opts } } : undefined;
}

/**
 * Base class of the systems: makes the namespace and the pull Secret, and offers what most systems need. The names of its
 * resources begin with the system's name; a resource with another name is another resource.
 */
export abstract class System extends Component {
  /** The stack output with the system's name, for people and other stacks; nothing secret. */
  abstract readonly outputs: object;
  /** Generated credentials by name, for an operator's password manager; secret. Undefined if the settings bring them. */
  abstract readonly operatorSecrets: Readonly<Record<string, pulumi.Output<string> | undefined>>;
  protected readonly place: Place;
  protected readonly own: { readonly parent: pulumi.Resource } = { parent: this };
  readonly #name: string;
  readonly #secrets: Secrets<UsualSecrets>;
  /** Connections that its workloads may hold to its PostgreSQL. */
  readonly #connections: number;

  constructor(type: string, name: string, args: SystemArgs, opts: pulumi.ComponentResourceOptions | undefined) {
    super(type, name, {}, {}, { ...opts, transformations: [...(opts?.transformations ?? []), inCluster(args.site)] });
    const { site, facts, secrets, labels, meshed, holdsData = true } = args;
    this.#name = name;
    this.#secrets = secrets;
    this.#connections = facts.connections;
    const namespace = new Namespace(
      `${name}-namespace`,
      { setting: facts.namespace, shapes: facts.shapes, holdsData: holdsData && site.production, labels, meshed },
      this.own,
    );
    this.place = { site, namespace };
    // No pull Secret is made if the images are public (`pullSecret` of the kind `none`).
    const credentials = { setting: facts.pullSecret, password: secrets.registryPassword };
    namespace.pullWith(pullSecret(`${name}-regcred`, { ...this.place, objectName: "regcred", ...credentials }, this));
  }

  /** The PostgreSQL of the system, resource `<system>-postgres`; `max_connections` follows from the workloads. */
  protected postgres(
    args: Omit<PostgresDatabaseArgs, keyof Place | "existingPassword" | "wantedConnections">,
  ): PostgresDatabase {
    const usual = { existingPassword: this.#secrets.databasePassword, wantedConnections: this.#connections };
    return new PostgresDatabase(`${this.#name}-postgres`, { ...this.place, ...usual, ...args }, this.own);
  }

  /** The Redis of the system, resource `<system>-redis`. */
  protected redis(
    args: Omit<RedisDatabaseArgs, keyof Place | "existingPassword"> &
      Partial<Pick<RedisDatabaseArgs, "existingPassword">>,
  ): RedisDatabase {
    const usual = { existingPassword: this.#secrets.redisPassword };
    return new RedisDatabase(`${this.#name}-redis`, { ...this.place, ...usual, ...args }, this.own);
  }

  /** Scheduled dumps of a database to Spaces; undefined if the settings turn them off. */
  protected backup(args: {
    /** Schedule, bucket and retention; `false` for no backup. */
    setting: BackupSetting | false;
    /** Server whose databases are dumped. */
    database: PostgresDatabase;
    /** `metadata.name` of the CronJob. */
    taskName: string;
    /** `metadata.name` of the Secret with the bucket's key. @default `<taskName>-spaces` */
    bucketSecretName?: string;
  }): PostgresBackup | undefined {
    const { setting, taskName, bucketSecretName = `${taskName}-spaces` } = args;
    if (setting === false) return undefined;
    const existingKey = this.#secrets.backupBucket;
    const all = { ...this.place, ...args, setting, bucketSecretName, existingKey };
    return new PostgresBackup(`${this.#name}-backup`, all, this.own);
  }

  /**
   * A Secret of the system.
   *
   * @param part end of the resource's name, after the system's
   * @param objectName `metadata.name`
   */
  protected secretObject(part: string, objectName: string, values: Values): SecretObject {
    return new SecretObject(`${this.#name}-${part}`, { ...this.place, objectName, values }, this.own);
  }

  /** The ConfigMap of the system, resource `<system>-config`. */
  protected configObject(objectName: string, data: Values): ConfigObject {
    return new ConfigObject(`${this.#name}-config`, { ...this.place, objectName, data }, this.own);
  }

  /** A generated password: 64 hexadecimal characters that never change. Secret. */
  protected generated(part: string): pulumi.Output<string> {
    return new RotatingPassword(`${this.#name}-${part}`, { version: 1 }, this.own).current;
  }

  /**
   * A Deployment of the system.
   *
   * @param part end of the resource's name, after the system's
   */
  protected workload(part: string, args: Omit<WorkloadArgs, keyof Place>): Workload {
    return new Workload(`${this.#name}-${part}`, { ...this.place, ...args }, this.own);
  }

  /** The public route of the system, resource `<system>-route`; none if the stack has no edge. */
  protected route(args: Omit<RouteArgs, keyof Place | "edge">): void {
    const { edge } = this.place.site;
    if (edge !== undefined) new Route(`${this.#name}-route`, { ...this.place, ...args, edge }, this.own);
  }
}
