import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../site/component.ts";
import type { Shape } from "../../settings/slices/shape.ts";
import type { PriorityClassNames } from "../site/site.ts";

type Kind = Shape["kind"];

const names: Readonly<Record<Kind, string>> = {
  data: "doks-systems-data",
  deployment: "doks-systems-workload",
  task: "doks-systems-task",
};

/**
 * Pods without a class, such as those of add-ons, have priority 0: the same as workloads, and more than tasks. No value
 * is below -10, because the cluster autoscaler adds no node for such pods (its `expendable-pods-priority-cutoff`).
 */
const classes: Readonly<Record<Kind, { value: number; preemptionPolicy: string; description: string }>> = {
  data: {
    value: 1000,
    preemptionPolicy: "PreemptLowerPriority",
    description: "Databases, brokers, caches: others wait for them, and are moved for them.",
  },
  // Never preempts a task: the autoscaler adds a node within minutes, while a dump that is stopped must start over.
  deployment: { value: 0, preemptionPolicy: "Never", description: "Workloads: they wait for a node, and move nobody." },
  task: { value: -5, preemptionPolicy: "Never", description: "Jobs: the first to go when a node runs out." },
};

/**
 * PriorityClasses that decide whose pods get room first on full nodes: data services, then workloads, then tasks.
 *
 * PriorityClasses belong to the whole cluster, so the stack that makes the cluster makes them, and other stacks on it
 * use them. On a cluster that was there before, this program makes none: its owner decides about priorities there.
 */
export class PriorityClasses extends Component {
  /** `metadata.name` of each class, by the kind of workload whose pods get it. */
  readonly names = names;
  /** The classes, for pods to wait for: Kubernetes refuses a pod of a class that does not exist. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:cluster:PriorityClasses", name, {}, {}, opts);
    const kinds: readonly Kind[] = ["data", "deployment", "task"];
    this.ready = kinds.map(
      (kind) =>
        new k8s.scheduling.v1.PriorityClass(
          `${name}-${kind}`,
          { metadata: { name: names[kind] }, ...classes[kind] },
          { parent: this },
        ),
    );
    this.registerOutputs({});
  }
}

/** Pods get no PriorityClass, which means the cluster's default priority. */
export const noPriorities: PriorityClassNames = { data: undefined, deployment: undefined, task: undefined };
