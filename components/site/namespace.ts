import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "./component.ts";
import type { NamespaceSetting } from "../../settings/slices/fields.ts";
import type { Presence } from "../../settings/slices/retired.ts";
import type { Shape } from "../../settings/slices/shape.ts";
import type { Site } from "./site.ts";
import type { ConfigSource } from "./config-source.ts";

/** Version of the Pod Security Standards; pinned, so that an upgrade of the cluster does not start to refuse a pod. */
const podSecurityVersion = "v1.36";

/** Arguments of `Namespace`. */
export interface NamespaceArgs extends ComponentArgs {
  /** Name of the namespace, and whether this program makes it or adopts an existing one. */
  readonly setting: NamespaceSetting;
  /** Name of the system whose objects are made in it, `bow-mark`; in an adopted namespace its pods carry it as a label. */
  readonly systemName: string;
  /** Protects the namespace, and retains it with every claim in it when the stack is destroyed or the system switched off. */
  readonly holdsData: boolean;
  /** Labels of every object in the namespace. @default none */
  readonly labels?: Record<string, string>;
  /**
   * Image, resources, probes and so on of each workload in the namespace, by `metadata.name` of its Deployment,
   * StatefulSet or Job.
   */
  readonly shapes: Readonly<Record<string, Shape>>;
  /** How far the system in the namespace is taken away, which decides what of it runs. @default "running" */
  readonly presence?: Presence;
  /**
   * Whether a service mesh injects containers into the pods. They set up the pod's network, which Pod Security `restricted`
   * refuses, so `privileged` is enforced instead and `restricted` only warns. @default false
   */
  readonly meshed?: boolean;
}

interface Metadata {
  readonly name: pulumi.Input<string>;
  readonly namespace: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, pulumi.Input<string>>;
}

/** Label of the system's pods in an adopted namespace, by which policies and budgets leave everybody else's pods alone. */
const systemLabel = "doks-systems/system";

/**
 * The namespace of a system: either created, with Pod Security `restricted` enforced and every connection denied that no
 * workload declares, or adopted as it is.
 *
 * An adopted namespace is shared ground: pods of others may carry the labels of a workload of ours (`app: redis`). So nothing
 * there is denied for the whole namespace, and what selects pods selects the system's own, by a label that only they carry.
 *
 * A created namespace that holds data is protected: Pulumi does not manage the claims that a StatefulSet makes from its
 * template, and Kubernetes deletes them together with the namespace.
 */
export class Namespace extends Component {
  /** `metadata.name` as a plain string, known before the namespace exists. */
  readonly namespaceName: string;
  /** Resources that the objects inside wait for; empty for an adopted namespace. */
  readonly ready: pulumi.Resource[];
  /** Labels of every object in the namespace, and of its pods. */
  readonly labels: Record<string, string>;
  /** Image, resources, probes and so on of each workload, by its `metadata.name`; `shape` looks one up. */
  readonly shapes: Readonly<Record<string, Shape>>;
  /** Labels that tell the system's pods from others in an adopted namespace; empty where all pods are the system's. */
  readonly ownLabels: Readonly<Record<string, string>>;
  /** How far the system in the namespace is taken away. */
  readonly presence: Presence;
  /** Deployments that have no pods, for what must not begin before they have none. */
  readonly stopped: pulumi.Resource[] = [];
  #pullSecrets: readonly ConfigSource[] = [];

  constructor(name: string, args: NamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    const { setting, systemName } = args;
    const ownLabels: Record<string, string> = setting.create ? {} : { [systemLabel]: systemName };
    // What an adopted namespace is named, and what tells the system's pods apart in it: for policies and the preview.
    const shown = setting.create ? {} : { adopts: setting.name, ownLabels };
    super("doks-systems:workload:Namespace", name, shown, args, opts);
    this.ownLabels = ownLabels;
    this.namespaceName = setting.name;
    this.labels = args.labels ?? {};
    this.shapes = args.shapes;
    this.presence = args.presence ?? "running";
    this.ready = args.setting.create ? this.create(name, args) : [];
    this.registerOutputs({});
  }

  /**
   * Whether pods run in the namespace, with what belongs to them and leads to them. Of a retired system none do; its data
   * services stay with no pod, so that their claims are taken again when it is back.
   *
   * @param forLastBackup whether the pods are needed for the last dump of a retired system
   */
  runs(forLastBackup = false): boolean {
    return this.presence === "running" || (forLastBackup && this.presence === "dumping");
  }

  /**
   * The shape of one workload.
   *
   * @param workloadName `metadata.name` of its Deployment, StatefulSet, Job or CronJob
   * @throws {Error} if the system's shapes have no such workload
   */
  shape(workloadName: string): Shape {
    const shape = this.shapes[workloadName];
    if (shape === undefined) throw new Error(`the settings of namespace ${this.namespaceName} know no ${workloadName}`);
    return shape;
  }

  /** Whether the namespace was there before, with pods that are not the system's. */
  get adopted(): boolean {
    return Object.keys(this.ownLabels).length > 0;
  }

  /**
   * Labels by which NetworkPolicies, budgets and Services select pods of a workload and nobody else's.
   *
   * @param labels of the workload's pods
   */
  selecting(labels: Readonly<Record<string, string>>): Record<string, string> {
    return { ...labels, ...this.ownLabels };
  }

  /**
   * `imagePullSecrets` of every pod in the namespace; data services have them too, as their images may be in a private
   * mirror.
   */
  get pullSecrets(): readonly ConfigSource[] {
    return this.#pullSecrets;
  }

  /** Sets the pull Secrets of pods that are made after this call. */
  pullWith(secrets: readonly ConfigSource[]): void {
    this.#pullSecrets = secrets;
  }

  /** `metadata` of an object in the namespace: its name, the namespace, and the labels that all objects in it have. */
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
      labels: Object.keys(all).length === 0 ? undefined : all,
      annotations,
    };
  }

  /** DNS name of a Service that resolves in every namespace: `postgres.hermes.svc.cluster.local`. */
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

/** Where a system's objects are made; components take the two together. */
export interface Place {
  /** The cluster and account, with what they offer: images, pools, edge, monitoring. */
  readonly site: Site;
  /** The system's namespace on that cluster. */
  readonly namespace: Namespace;
}
