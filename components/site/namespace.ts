import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "./component.ts";
import type { NamespaceSetting } from "../../settings/slices/fields.ts";
import type { Shape } from "../../settings/slices/shape.ts";
import type { Site } from "./site.ts";
import type { ConfigSource } from "./config-source.ts";

/** Pinned, so that an upgrade of the cluster never changes the verdict on a pod by itself. */
const podSecurityVersion = "v1.36";

export interface NamespaceArgs extends ComponentArgs {
  readonly setting: NamespaceSetting;
  /** Keep the namespace, and with it every claim, when the stack is destroyed or the system switched off. */
  readonly holdsData: boolean;
  /** Labels of every object in it. @default none */
  readonly labels?: Record<string, string>;
  /** What each workload in it is, by the name of its object. */
  readonly shapes: Readonly<Record<string, Shape>>;
  /** A service mesh injects containers that set up the pod's network, which `restricted` refuses. @default false */
  readonly meshed?: boolean;
}

interface Metadata {
  readonly name: pulumi.Input<string>;
  readonly namespace: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, pulumi.Input<string>>;
}

/**
 * The namespace of a system: created with Pod Security `restricted` enforced and every connection denied that no
 * workload declares, or adopted as it is.
 *
 * A created namespace that holds data is protected: claims made from templates are not Pulumi's, they live and die with it.
 */
export class Namespace extends Component {
  /** `metadata.name`, known at once. */
  readonly namespaceName: string;
  /** What the objects inside wait for; nothing for an adopted namespace. */
  readonly ready: pulumi.Resource[];
  /** Whether it is this program's, so that policies may speak for the namespace as a whole. */
  readonly created: boolean;
  /** Labels of every object in it, and of its pods. */
  readonly labels: Record<string, string>;
  readonly shapes: Readonly<Record<string, Shape>>;
  #pullSecrets: readonly ConfigSource[] = [];

  constructor(name: string, args: NamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:workload:Namespace", name, {}, args, opts);
    this.namespaceName = args.setting.name;
    this.created = args.setting.create;
    this.labels = args.labels ?? {};
    this.shapes = args.shapes;
    this.ready = this.created ? this.create(name, args) : [];
    this.registerOutputs({});
  }

  /** What a workload in it is. */
  shape(workloadName: string): Shape {
    const shape = this.shapes[workloadName];
    if (shape === undefined) throw new Error(`the settings of namespace ${this.namespaceName} know no ${workloadName}`);
    return shape;
  }

  /** What every pod in it pulls its images with, data services included: their images may be in a private mirror. */
  get pullSecrets(): readonly ConfigSource[] {
    return this.#pullSecrets;
  }

  /** Every pod that is made from now on pulls with these. */
  pullWith(secrets: readonly ConfigSource[]): void {
    this.#pullSecrets = secrets;
  }

  /** Metadata of an object inside. */
  meta(
    name: pulumi.Input<string>,
    {
      labels,
      annotations,
    }: { labels?: Record<string, string> | undefined; annotations?: Metadata["annotations"] } = {},
  ): Metadata {
    const all = { ...this.labels, ...labels };
    return {
      name,
      namespace: this.namespaceName,
      ...(Object.keys(all).length === 0 ? {} : { labels: all }),
      ...(annotations === undefined ? {} : { annotations }),
    };
  }

  /** A Service's full name, good in every namespace. */
  hostName(serviceName: string): string {
    return `${serviceName}.${this.namespaceName}.svc.cluster.local`;
  }

  private create(name: string, args: NamespaceArgs): pulumi.Resource[] {
    const namespace = new k8s.core.v1.Namespace(
      name,
      {
        metadata: {
          name: this.namespaceName,
          labels: {
            ...this.labels,
            "pod-security.kubernetes.io/enforce": args.meshed === true ? "privileged" : "restricted",
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
        metadata: this.meta("deny-all"),
        spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
      },
      { parent: this, dependsOn: namespace },
    );
    return [namespace, denyAll];
  }
}

/** Where a system's objects are made. */
export interface Place {
  readonly site: Site;
  readonly namespace: Namespace;
}
