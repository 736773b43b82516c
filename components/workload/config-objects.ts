/**
 * Secrets and ConfigMaps that pods read. They keep their name and are updated in place; pods carry a checksum of what they read,
 * so that a change restarts them one after the other.
 */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import type { Site } from "../site/site.ts";
import { checksum } from "../secrets/checksum.ts";
import type { ConfigSource } from "../site/config-source.ts";
import type { Namespace } from "../site/namespace.ts";

/** Arguments that Secrets and ConfigMaps have in common. */
export interface ConfigObjectArgs extends ComponentArgs {
  /** Namespace of the object, and of the pods that read it. */
  readonly namespace: Namespace;
  /** `metadata.name` of the object; another name replaces it. */
  readonly objectName: string;
  /** Has the key that checksums are made with. */
  readonly site: Site;
}

/** One key of a Secret, as the value of an environment variable. */
export interface SecretKey {
  /** Secret that has the key, in the namespace of the pod. */
  readonly secret: ConfigSource;
  /** Key in the Secret's data, `password`. */
  readonly key: string;
  /** Whether the pod restarts when the Secret changes; `false` for a value that the process needs only at its first start. */
  readonly rollsPods: boolean;
  /** Whether the pod starts if the Secret has no such key; the variable is then not set. */
  readonly optional: boolean;
}

/**
 * A key of a Secret, for `env` of a container.
 *
 * @param options.rollsPods @default true
 * @param options.optional @default false
 */
export function secretKey(
  secret: ConfigSource,
  key: string,
  { rollsPods = true, optional = false }: Partial<Pick<SecretKey, "rollsPods" | "optional">> = {},
): SecretKey {
  return { secret, key, rollsPods, optional };
}

/** Content by key; a key that is undefined is left out. */
export type Values = Readonly<Record<string, pulumi.Input<string> | undefined>>;

function present(values: Values): Record<string, pulumi.Input<string>> {
  const there = (entry: [string, pulumi.Input<string> | undefined]): entry is [string, pulumi.Input<string>] =>
    entry[1] !== undefined;
  return Object.fromEntries(Object.entries(values).filter(there));
}

/** A Secret. Its values are marked secret, so Pulumi's state has them encrypted and its output shows `[secret]`. */
export class SecretObject extends Component implements ConfigSource {
  readonly kind = "Secret";
  readonly objectName: string;
  readonly checksum: pulumi.Output<string>;
  readonly resource: k8s.core.v1.Secret;

  constructor(
    name: string,
    args: ConfigObjectArgs & {
      readonly values: Values;
      /** Kubernetes' type of the Secret, such as `kubernetes.io/dockerconfigjson`. @default "Opaque" */
      readonly type?: string;
    },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("doks-systems:workload:SecretObject", name, {}, args, opts);
    this.objectName = args.objectName;
    const values = pulumi.secret(present(args.values));
    this.checksum = checksum(args.site.checksumKey, values);
    this.resource = new k8s.core.v1.Secret(
      name,
      { metadata: args.namespace.meta(args.objectName), type: args.type ?? "Opaque", stringData: values },
      { parent: this, dependsOn: args.namespace.ready },
    );
    this.registerOutputs({});
  }

  /** One of its keys, for `env` of a container. */
  key(key: string, options?: Partial<Pick<SecretKey, "rollsPods" | "optional">>): SecretKey {
    return secretKey(this, key, options);
  }
}

/** A Secret that exists already: read, never made or changed. A change of it restarts no pod. */
export class ExistingSecret implements ConfigSource {
  readonly kind = "Secret";
  readonly objectName: string;
  readonly checksum = undefined;
  readonly resource = undefined;

  /** @param objectName `metadata.name`, in the namespace of the pods */
  constructor(objectName: string) {
    this.objectName = objectName;
  }

  /** One of its keys, for `env` of a container. */
  key(key: string, options?: Partial<Pick<SecretKey, "rollsPods" | "optional">>): SecretKey {
    return secretKey(this, key, options);
  }
}

/** A Secret that pods read, whoever makes it. */
export type SecretSource = SecretObject | ExistingSecret;

/**
 * A ConfigMap of files or values. Everybody who may read the stack's state can read it, so it never holds a secret. Nothing
 * is lost with it, so a retired system has none.
 */
export class ConfigObject extends Component implements ConfigSource {
  readonly kind = "ConfigMap";
  readonly objectName: string;
  readonly checksum: pulumi.Output<string>;
  readonly resource: k8s.core.v1.ConfigMap | undefined;

  constructor(
    name: string,
    args: ConfigObjectArgs & {
      /** Text by key; a key is a file's name where the ConfigMap is mounted. At most 1 MiB, together with `binaryData`. */
      readonly data: Values;
      /** Files that are not UTF-8 text, in base64. @default - none */
      readonly binaryData?: Record<string, string>;
      /** Labels beside those of the namespace's objects, such as the one by which Grafana finds dashboards. @default - none */
      readonly labels?: Record<string, string>;
    },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("doks-systems:workload:ConfigObject", name, {}, args, opts);
    this.objectName = args.objectName;
    const data = present(args.data);
    const binary = args.binaryData ?? {};
    const isBinary = Object.keys(binary).length > 0;
    this.checksum = checksum(args.site.checksumKey, isBinary ? { ...data, ...binary } : data);
    if (args.namespace.runs(true)) {
      this.resource = new k8s.core.v1.ConfigMap(
        name,
        {
          metadata: args.namespace.meta(args.objectName, { labels: args.labels }),
          data,
          binaryData: isBinary ? binary : undefined,
        },
        { parent: this, dependsOn: args.namespace.ready },
      );
    }
    this.registerOutputs({});
  }
}
