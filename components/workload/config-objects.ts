/** Secret and ConfigMap as pods use them: a fixed name, updated in place, and a checksum that rolls the pods that read it. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import type { Site } from "../site/site.ts";
import { checksum } from "../secrets/checksum.ts";
import type { ConfigSource } from "../site/config-source.ts";
import type { Namespace } from "../site/namespace.ts";

export interface ConfigObjectArgs extends ComponentArgs {
  readonly namespace: Namespace;
  /** `metadata.name`. */
  readonly objectName: string;
  readonly site: Site;
}

/** One key of a Secret, as an environment variable reads it. */
export interface SecretKey {
  readonly secret: ConfigSource;
  readonly key: string;
  /** `false` where the process reads the value only once in its life, so that a change must not restart it. */
  readonly rollsPods: boolean;
  /** The pod starts without the key. */
  readonly optional: boolean;
}

/** A Secret's key for an environment variable. */
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

/** A Secret. Its values come as Outputs marked secret and go nowhere else. */
export class SecretObject extends Component implements ConfigSource {
  readonly kind = "Secret";
  readonly objectName: string;
  readonly checksum: pulumi.Output<string>;
  readonly resource: k8s.core.v1.Secret;

  constructor(
    name: string,
    args: ConfigObjectArgs & {
      readonly values: Values;
      /** @default "Opaque" */
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

  /** A key for an environment variable. */
  key(key: string, options?: Partial<Pick<SecretKey, "rollsPods" | "optional">>): SecretKey {
    return secretKey(this, key, options);
  }
}

/** A ConfigMap of files or values; never a secret. */
export class ConfigObject extends Component implements ConfigSource {
  readonly kind = "ConfigMap";
  readonly objectName: string;
  readonly checksum: pulumi.Output<string>;
  readonly resource: k8s.core.v1.ConfigMap;

  constructor(
    name: string,
    args: ConfigObjectArgs & {
      readonly data: Values;
      /** Files that are no text, in base64. */
      readonly binaryData?: Record<string, string>;
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
    this.resource = new k8s.core.v1.ConfigMap(
      name,
      {
        metadata: args.namespace.meta(args.objectName, { labels: args.labels }),
        data,
        binaryData: isBinary ? binary : undefined,
      },
      { parent: this, dependsOn: args.namespace.ready },
    );
    this.registerOutputs({});
  }
}
