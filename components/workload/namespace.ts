import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { NamespaceSetting } from "../../settings/fields.ts";

/** Pinned, so that an upgrade of the cluster never changes the verdict on a pod by itself. */
const podSecurityVersion = "v1.36";

export interface NamespaceArgs {
  readonly setting: NamespaceSetting;
  /** Keep the namespace, and with it every claim, when the stack is destroyed or the system switched off. */
  readonly holdsData: boolean;
}

/**
 * The namespace of a system: created with Pod Security `restricted` enforced and every connection denied that no
 * workload declares, or adopted as it is.
 *
 * A created namespace that holds data is protected: claims made from templates are not Pulumi's, they live and die with it.
 */
export class Namespace extends pulumi.ComponentResource {
  /** `metadata.name`, known at once. */
  readonly namespaceName: string;
  /** What the objects inside wait for; nothing for an adopted namespace. */
  readonly ready: pulumi.Resource[];
  /** Whether it is this program's, so that policies may speak for the namespace as a whole. */
  readonly created: boolean;

  constructor(name: string, args: NamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:workload:Namespace", name, {}, opts);
    this.namespaceName = args.setting.name;
    this.created = args.setting.create;
    this.ready = this.created ? this.create(name, args) : [];
    this.registerOutputs({});
  }

  private create(name: string, args: NamespaceArgs): pulumi.Resource[] {
    const namespace = new k8s.core.v1.Namespace(
      name,
      {
        metadata: {
          name: this.namespaceName,
          labels: {
            "pod-security.kubernetes.io/enforce": "restricted",
            "pod-security.kubernetes.io/enforce-version": podSecurityVersion,
            "pod-security.kubernetes.io/warn": "restricted",
            "pod-security.kubernetes.io/warn-version": podSecurityVersion,
          },
        },
      },
      { parent: this, protect: args.holdsData, retainOnDelete: args.holdsData },
    );
    const denyAll = new k8s.networking.v1.NetworkPolicy(
      `${name}-deny-all`,
      {
        metadata: { name: "deny-all", namespace: this.namespaceName },
        spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
      },
      { parent: this, dependsOn: namespace },
    );
    return [namespace, denyAll];
  }
}
