/** Secret and ConfigMap as pods use them: a fixed name, updated in place, and a checksum that rolls the pods that read it. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Site } from "../platform/site.ts";
import { checksum } from "../secrets/checksum.ts";
import type { Namespace } from "./namespace.ts";

export interface ConfigObjectArgs {
  readonly namespace: Namespace;
  /** `metadata.name`. */
  readonly objectName: string;
  readonly site: Site;
}

/** One key of a Secret, as an environment variable reads it. */
export interface SecretKey {
  readonly secret: SecretObject;
  readonly key: string;
  /** `false` where the process reads the value only once in its life, so that a change must not restart it. */
  readonly rollsPods: boolean;
}

/** A Secret. Its values come as Outputs marked secret and go nowhere else. */
export class SecretObject extends pulumi.ComponentResource {
  readonly objectName: string;
  readonly checksum: pulumi.Output<string>;
  /** The Secret itself, to wait for. */
  readonly resource: k8s.core.v1.Secret;

  constructor(
    name: string,
    args: ConfigObjectArgs & {
      readonly values: Record<string, pulumi.Input<string>>;
      /** @default "Opaque" */
      readonly type?: string;
    },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("doks-systems:workload:SecretObject", name, {}, opts);
    this.objectName = args.objectName;
    const values = pulumi.secret(args.values);
    this.checksum = checksum(args.site.checksumKey, values);
    this.resource = new k8s.core.v1.Secret(
      name,
      {
        metadata: { name: args.objectName, namespace: args.namespace.namespaceName },
        type: args.type ?? "Opaque",
        stringData: values,
      },
      { parent: this, dependsOn: args.namespace.ready },
    );
    this.registerOutputs({});
  }

  /** A key for an environment variable. */
  key(key: string, options: { rollsPods: boolean } = { rollsPods: true }): SecretKey {
    return { secret: this, key, ...options };
  }
}

/** A ConfigMap of files or values; never a secret. */
export class ConfigObject extends pulumi.ComponentResource {
  readonly objectName: string;
  readonly checksum: pulumi.Output<string>;
  /** The ConfigMap itself, to wait for. */
  readonly resource: k8s.core.v1.ConfigMap;

  constructor(
    name: string,
    args: ConfigObjectArgs & { readonly data: Record<string, string> },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("doks-systems:workload:ConfigObject", name, {}, opts);
    this.objectName = args.objectName;
    this.checksum = checksum(args.site.checksumKey, args.data);
    this.resource = new k8s.core.v1.ConfigMap(
      name,
      { metadata: { name: args.objectName, namespace: args.namespace.namespaceName }, data: args.data },
      { parent: this, dependsOn: args.namespace.ready },
    );
    this.registerOutputs({});
  }
}
