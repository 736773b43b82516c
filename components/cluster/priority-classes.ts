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
 * Pods of no class, those of add-ons among them, have 0: as workloads have, and before tasks. Below -10 the cluster
 * autoscaler would make no node for a pod (its `expendable-pods-priority-cutoff`).
 */
const classes: Readonly<Record<Kind, { value: number; preemptionPolicy: string; description: string }>> = {
  data: {
    value: 1000,
    preemptionPolicy: "PreemptLowerPriority",
    description: "Databases, brokers, caches: others wait for them, and are moved for them.",
  },
  // A new node comes within minutes; a dump that was ended for a pod begins again.
  deployment: { value: 0, preemptionPolicy: "Never", description: "Workloads: they wait for a node, and move nobody." },
  task: { value: -5, preemptionPolicy: "Never", description: "Jobs: the first to go when a node runs out." },
};

/**
 * What goes first where there is no room for everything: data, then workloads, then tasks.
 *
 * These are objects of the cluster, so whoever makes the cluster makes them, once; other stacks on it use them. On a
 * cluster that is somebody else's there are none: who goes before whom there is not this program's to say.
 */
export class PriorityClasses extends Component {
  readonly names = names;
  /** What pods wait for: one of an unknown class is refused. */
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

/** No classes: the cluster's default. */
export const noPriorities: PriorityClassNames = { data: undefined, deployment: undefined, task: undefined };
