import * as pulumi from "@pulumi/pulumi";
import { Component } from "../site/component.ts";
import type { BackupSetting } from "../../settings/slices/data-services.ts";
import type { Secrets, SystemOn } from "../../settings/secrets.ts";
import type { Presence } from "../../settings/slices/retired.ts";
import { RedisDatabase } from "../cache/redis-database.ts";
import type { RedisDatabaseArgs } from "../cache/server.ts";
import { PostgresBackup, type LastDump } from "../database/postgres-backup.ts";
import { PostgresDatabase } from "../database/postgres-database.ts";
import type { PostgresDatabaseArgs } from "../database/server.ts";
import type { RouteArgs } from "../edge/route-args.ts";
import { Route } from "../edge/route.ts";
import { RotatingPassword } from "../secrets/rotating-password.ts";
import { Namespace, type Place } from "../site/namespace.ts";
import type { Site } from "../site/site.ts";
import { pullSecret } from "../storage/pull-secret.ts";
import {
  ConfigObject,
  ExistingSecret,
  SecretObject,
  type SecretSource,
  type Values,
} from "../workload/config-objects.ts";
import { Workload, type WorkloadArgs } from "../workload/workload.ts";
import { leadingSomewhere, noticing, withoutProtection, type Standing } from "./retirement.ts";

/** Secrets of existing servers and buckets, by the keys that all systems use. */
interface UsualSecrets {
  /** Password of the registry; needed only if the pull Secret is of the kind `credentials`. */
  readonly registryPassword?: string | undefined;
  /** Password of an existing PostgreSQL, or of a running one in the cluster. */
  readonly databasePassword?: string | undefined;
  /** Password of an existing Redis, or of a running one in the cluster. */
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
  /** What people and other stacks are told while it runs; nothing secret. */
  abstract readonly outputs: object;
  /** Generated credentials by name, for an operator's password manager; secret. Undefined if the settings bring them. */
  abstract readonly operatorSecrets: Readonly<Record<string, pulumi.Output<string> | undefined>>;
  protected readonly place: Place;
  protected readonly own: { readonly parent: pulumi.Resource } = { parent: this };
  readonly #name: string;
  readonly #presence: Presence;
  /** What of it the engine refuses to delete, once it is registered. */
  readonly #found: { isProtected: boolean };
  #lastDump: pulumi.Output<LastDump> | undefined;
  readonly #secrets: Secrets<UsualSecrets>;
  /** Connections that its workloads may hold to its PostgreSQL. */
  readonly #connections: number;
  readonly #existingSecrets: Readonly<Record<string, string>>;
  #database: PostgresDatabase | undefined;

  constructor(type: string, name: string, args: SystemArgs, opts: pulumi.ComponentResourceOptions | undefined) {
    const { presence } = args.facts;
    const shown = presence === "running" ? {} : { retired: presence };
    const given = presence === "given-up" ? [withoutProtection(`${name}-backup-bucket`)] : [];
    const found = { isProtected: false };
    const transformations = [...(opts?.transformations ?? []), inCluster(args.site), ...given, noticing(found)];
    super(type, name, shown, {}, { ...opts, transformations });
    const { site, facts, secrets, labels, meshed, holdsData = true } = args;
    this.#presence = presence;
    this.#found = found;
    this.#name = name;
    this.#secrets = secrets;
    this.#connections = facts.connections;
    this.#existingSecrets = facts.existingSecrets;
    const namespace = new Namespace(
      `${name}-namespace`,
      {
        ...{ setting: facts.namespace, systemName: name, shapes: facts.shapes, presence },
        ...{ holdsData: holdsData && site.production, labels, meshed },
      },
      this.own,
    );
    this.place = { site, namespace };
    // No pull Secret is made if the images are public (`pullSecret` of the kind `none`).
    const credentials = { setting: facts.pullSecret, password: secrets.registryPassword };
    namespace.pullWith(pullSecret(`${name}-regcred`, { ...this.place, objectName: "regcred", ...credentials }, this));
  }

  /** The stack output with the system's name. */
  get told(): object {
    return this.#presence === "running" ? this.outputs : leadingSomewhere(this.outputs);
  }

  /** How the update leaves it, which later ones ask for before they take anything of it away. */
  get standing(): Standing {
    return { presence: this.#presence, protected: this.#found.isProtected, lastDump: this.#lastDump };
  }

  /** The PostgreSQL of the system, resource `<system>-postgres`; `max_connections` follows from the workloads. */
  protected postgres(
    args: Omit<PostgresDatabaseArgs, keyof Place | "existingPassword" | "existingSecret" | "wantedConnections">,
  ): PostgresDatabase {
    const usual = {
      existingPassword: this.#secrets.databasePassword,
      existingSecret: this.existingName(args.secretName ?? args.serverName),
      wantedConnections: this.#connections,
    };
    this.#database = new PostgresDatabase(`${this.#name}-postgres`, { ...this.place, ...usual, ...args }, this.own);
    return this.#database;
  }

  /**
   * Ends every constructor: by now all workloads are known that have to stop before their PostgreSQL is copied. Pulumi calls it
   * once more by itself.
   */
  protected override registerOutputs(outputs: Parameters<pulumi.ComponentResource["registerOutputs"]>[0]): void {
    const database = this.#database;
    this.#database = undefined;
    database?.copy();
    super.registerOutputs(outputs);
  }

  /**
   * The Redis of the system, resource `<system>-redis`.
   *
   * @param secretName of the system's Secret with the password. If somebody else keeps that Secret, an existing server's password
   *   need not be known here, and the URLs that are made here have none
   */
  protected redis(args: Omit<RedisDatabaseArgs, keyof Place | "existingPassword">, secretName: string): RedisDatabase {
    const elsewhere = args.setting.kind === "existing" && this.existingName(secretName) !== undefined;
    const usual = { existingPassword: this.#secrets.redisPassword ?? (elsewhere ? pulumi.secret("") : undefined) };
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
    const backup = new PostgresBackup(`${this.#name}-backup`, all, this.own);
    this.#lastDump = backup.last;
    return backup;
  }

  /** Name of the Secret that somebody else keeps in place of one of the system's; undefined if this program makes that. */
  protected existingName(objectName: string): string | undefined {
    return this.#existingSecrets[objectName];
  }

  /**
   * A Secret of the system, or the one that somebody else keeps in its place.
   *
   * @param part end of the resource's name, after the system's
   * @param objectName `metadata.name`
   * @param values made only if the Secret is
   */
  protected secretObject(part: string, objectName: string, values: () => Values): SecretSource {
    const theirs = this.existingName(objectName);
    if (theirs !== undefined) return new ExistingSecret(theirs);
    return new SecretObject(`${this.#name}-${part}`, { ...this.place, objectName, values: values() }, this.own);
  }

  /** Key of an existing bucket that only a Secret of others knows; undefined if this program makes that Secret. */
  protected keyElsewhere(
    secretName: string,
  ): { key: pulumi.Output<string>; secret: pulumi.Output<string> } | undefined {
    const nothing = pulumi.secret("");
    return this.existingName(secretName) === undefined ? undefined : { key: nothing, secret: nothing };
  }

  /** The ConfigMap of the system, resource `<system>-config`. */
  protected configObject(objectName: string, data: Values): ConfigObject {
    return new ConfigObject(`${this.#name}-config`, { ...this.place, objectName, data }, this.own);
  }

  /**
   * A generated password: 64 hexadecimal characters that never change. Secret.
   *
   * @param taken what is in use already, instead @default - generated
   */
  protected generated(part: string, taken?: pulumi.Output<string>): pulumi.Output<string> {
    return new RotatingPassword(`${this.#name}-${part}`, { version: 1, taken }, this.own).current;
  }

  /**
   * A Deployment of the system.
   *
   * @param part end of the resource's name, after the system's
   */
  protected workload(part: string, args: Omit<WorkloadArgs, keyof Place>): Workload {
    return new Workload(`${this.#name}-${part}`, { ...this.place, ...args }, this.own);
  }

  /** The public route of the system, resource `<system>-route`; none if the stack has no edge, or the system is retired. */
  protected route(args: Omit<RouteArgs, keyof Place | "edge">): void {
    const { edge } = this.place.site;
    if (edge !== undefined && this.place.namespace.runs())
      new Route(`${this.#name}-route`, { ...this.place, ...args, edge }, this.own);
  }
}
