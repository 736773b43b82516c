import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../site/component.ts";
import type { BackupSetting } from "../../settings/slices/data-services.ts";
import type { NamespaceSetting, PullSecretSetting } from "../../settings/slices/fields.ts";
import type { Shape } from "../../settings/slices/shape.ts";
import type { PostgresDatabase } from "../database/postgres-database.ts";
import { PostgresBackup } from "../database/postgres-backup.ts";
import { pullSecret } from "../storage/pull-secret.ts";
import { Namespace, type Place } from "../site/namespace.ts";
import type { Site } from "../site/site.ts";

/** Arguments of `System`, beside those of the system itself. */
export interface SystemArgs {
  /** The cluster and account that the system runs on. */
  readonly site: Site;
  /** Name of the namespace, and whether to make it or adopt an existing one. */
  readonly namespace: NamespaceSetting;
  /** Image, resources, probes and so on of each workload, by its `metadata.name`. */
  readonly shapes: Readonly<Record<string, Shape>>;
  /** How the cluster pulls private images: from the platform's registry, with credentials of another one, or not at all. */
  readonly pullSecret: PullSecretSetting;
  /** Password of the registry; needed only if `pullSecret` is of the kind `credentials`. Secret. */
  readonly registryPassword: pulumi.Output<string> | undefined;
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

/** Base class of the systems: makes the namespace and the pull Secret, and offers what most systems need. */
export abstract class System extends Component {
  /** The stack output with the system's name, for people and other stacks; nothing secret. */
  abstract readonly outputs: object;
  /** Generated credentials by name, for an operator's password manager; secret. */
  abstract readonly operatorSecrets: Record<string, pulumi.Output<string>>;
  protected readonly place: Place;
  protected readonly own: { readonly parent: pulumi.Resource } = { parent: this };
  readonly #name: string;

  constructor(type: string, name: string, args: SystemArgs, opts: pulumi.ComponentResourceOptions | undefined) {
    super(type, name, {}, {}, { ...opts, transformations: [...(opts?.transformations ?? []), inCluster(args.site)] });
    this.#name = name;
    const { site, namespace: setting, pullSecret: pull, registryPassword, holdsData = true, ...rest } = args;
    const namespace = new Namespace(
      `${name}-namespace`,
      { setting, holdsData: holdsData && site.production, ...rest },
      this.own,
    );
    this.place = { site, namespace };
    // No pull Secret is made if the images are public (`pullSecret` of the kind `none`).
    const credentials = { ...this.place, objectName: "regcred", setting: pull, password: registryPassword };
    namespace.pullWith(pullSecret(`${name}-regcred`, credentials, this));
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
    /** Spaces key for an existing bucket; undefined to make a key for the backup. */
    existingKey: { key: pulumi.Output<string>; secret: pulumi.Output<string> } | undefined;
  }): PostgresBackup | undefined {
    const { setting, taskName, bucketSecretName = `${taskName}-spaces` } = args;
    if (setting === false) return undefined;
    return new PostgresBackup(`${this.#name}-backup`, { ...this.place, ...args, setting, bucketSecretName }, this.own);
  }
}
