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

export interface SystemArgs {
  readonly site: Site;
  readonly namespace: NamespaceSetting;
  /** What each of its workloads is, by name. */
  readonly shapes: Readonly<Record<string, Shape>>;
  readonly pullSecret: PullSecretSetting;
  /** Of the registry, where `pullSecret` asks for one. */
  readonly registryPassword: pulumi.Output<string> | undefined;
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

/** A system: its namespace, and what most systems have in it. */
export abstract class System extends Component {
  /** For people and other stacks; nothing secret. */
  abstract readonly outputs: object;
  /** What an operator stores in a password manager; secret. */
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
    // Secret `regcred` for private images; none where they are public.
    const credentials = { ...this.place, objectName: "regcred", setting: pull, password: registryPassword };
    namespace.pullWith(pullSecret(`${name}-regcred`, credentials, this));
  }

  /** Daily dumps of a database, where the settings ask for them. */
  protected backup(args: {
    setting: BackupSetting | false;
    database: PostgresDatabase;
    /** Name of the CronJob. */
    taskName: string;
    /** @default the CronJob's, and `spaces` */
    bucketSecretName?: string;
    existingKey: { key: pulumi.Output<string>; secret: pulumi.Output<string> } | undefined;
  }): PostgresBackup | undefined {
    const { setting, taskName, bucketSecretName = `${taskName}-spaces` } = args;
    if (setting === false) return undefined;
    return new PostgresBackup(`${this.#name}-backup`, { ...this.place, ...args, setting, bucketSecretName }, this.own);
  }
}
