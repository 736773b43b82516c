import * as pulumi from "@pulumi/pulumi";
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

/** Passwords and keys of what exists already, by the names that all systems use. */
interface UsualSecrets {
  readonly registryPassword?: string | undefined;
  readonly databasePassword?: string | undefined;
  readonly redisPassword?: string | undefined;
  readonly backupBucket?: { readonly key: string; readonly secret: string } | undefined;
}

export interface SystemArgs extends SystemOn<unknown, UsualSecrets> {
  readonly site: Site;
  /** Whether something in the namespace is lost with it. @default true */
  readonly holdsData?: boolean;
  /** Labels of every object. @default none */
  readonly labels?: Record<string, string>;
  readonly meshed?: boolean;
}

/**
 * Gives the cluster's provider to each Kubernetes object. Given to the component, everything below it would wait for the
 * cluster: databases and buckets too, which take as long and need nothing of it.
 */
function inCluster({ provider }: Site): pulumi.ResourceTransformation {
  return ({ type, props, opts }) =>
    type.startsWith("kubernetes:") ? { props, opts: { provider, ...opts } } : undefined;
}

/**
 * A system: its namespace, and what most systems have in it. Names of resources begin with the system's own, and are for
 * life: another name is another resource.
 */
export abstract class System extends pulumi.ComponentResource {
  /** For people and other stacks; nothing secret. */
  abstract readonly outputs: object;
  /** What an operator stores in a password manager; secret. */
  abstract readonly operatorSecrets: Readonly<Record<string, pulumi.Output<string> | undefined>>;
  protected readonly place: Place;
  protected readonly own: { readonly parent: pulumi.Resource } = { parent: this };
  readonly #name: string;
  readonly #secrets: Secrets<UsualSecrets>;
  /** Connections that its workloads may hold to its PostgreSQL. */
  readonly #connections: number;

  constructor(type: string, name: string, args: SystemArgs, opts: pulumi.ComponentResourceOptions | undefined) {
    super(type, name, {}, { ...opts, transformations: [...(opts?.transformations ?? []), inCluster(args.site)] });
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
    // Secret `regcred` for private images; none where they are public.
    const credentials = { setting: facts.pullSecret, password: secrets.registryPassword };
    namespace.pullWith(pullSecret(`${name}-regcred`, { ...this.place, objectName: "regcred", ...credentials }, this));
  }

  /** Its PostgreSQL, `<system>-postgres`, with as many connections as its workloads may hold. */
  protected postgres(
    args: Omit<PostgresDatabaseArgs, keyof Place | "existingPassword" | "wantedConnections">,
  ): PostgresDatabase {
    const usual = { existingPassword: this.#secrets.databasePassword, wantedConnections: this.#connections };
    return new PostgresDatabase(`${this.#name}-postgres`, { ...this.place, ...usual, ...args }, this.own);
  }

  /** Its Redis, `<system>-redis`. */
  protected redis(
    args: Omit<RedisDatabaseArgs, keyof Place | "existingPassword"> &
      Partial<Pick<RedisDatabaseArgs, "existingPassword">>,
  ): RedisDatabase {
    const usual = { existingPassword: this.#secrets.redisPassword };
    return new RedisDatabase(`${this.#name}-redis`, { ...this.place, ...usual, ...args }, this.own);
  }

  /** Daily dumps of a database, where the settings ask for them. */
  protected backup(args: {
    setting: BackupSetting | false;
    database: PostgresDatabase;
    /** Name of the CronJob. */
    taskName: string;
    /** @default the CronJob's, and `spaces` */
    bucketSecretName?: string;
  }): PostgresBackup | undefined {
    const { setting, taskName, bucketSecretName = `${taskName}-spaces` } = args;
    if (setting === false) return undefined;
    const existingKey = this.#secrets.backupBucket;
    const all = { ...this.place, ...args, setting, bucketSecretName, existingKey };
    return new PostgresBackup(`${this.#name}-backup`, all, this.own);
  }

  /**
   * A Secret of the namespace.
   *
   * @param part what the resource's name has after the system's
   */
  protected secretObject(part: string, objectName: string, values: Values): SecretObject {
    return new SecretObject(`${this.#name}-${part}`, { ...this.place, objectName, values }, this.own);
  }

  /** Its ConfigMap, `<system>-config`. */
  protected configObject(objectName: string, data: Values): ConfigObject {
    return new ConfigObject(`${this.#name}-config`, { ...this.place, objectName, data }, this.own);
  }

  /** A key or password of its own that nobody gave: 64 hexadecimal characters, the same for life; secret. */
  protected generated(part: string): pulumi.Output<string> {
    return new RotatingPassword(`${this.#name}-${part}`, { version: 1 }, this.own).current;
  }

  /** Its route, `<system>-route`; none where the stack has no edge. */
  protected route(args: Omit<RouteArgs, keyof Place | "edge">): void {
    const { edge } = this.place.site;
    if (edge !== undefined) new Route(`${this.#name}-route`, { ...this.place, ...args, edge }, this.own);
  }
}
