import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Shape } from "../../settings/shape.ts";

/**
 * What goes first where there is no room for everything: data, then workloads, then tasks.
 *
 * Pods of no class, those of add-ons among them, have 0: as workloads have, and before tasks. Below -10 the cluster
 * autoscaler would make no node for a pod (its `expendable-pods-priority-cutoff`).
 */
const classes: Readonly<Record<Shape["kind"], { value: number; preemptionPolicy: string; description: string }>> = {
  data: {
    value: 1000,
    preemptionPolicy: "PreemptLowerPriority",
    description: "Databases, brokers, caches: others wait for them, and are moved for them.",
  },
  // A new node comes within minutes; a dump that was ended for a pod begins again.
  deployment: { value: 0, preemptionPolicy: "Never", description: "Workloads: they wait for a node, and move nobody." },
  task: { value: -5, preemptionPolicy: "Never", description: "Jobs: the first to go when a node runs out." },
};

export type PriorityClassNames = Readonly<Record<Shape["kind"], pulumi.Input<string | undefined>>>;

/**
 * The PriorityClasses of a stack's pods. They are objects of the cluster, so their names carry the stack's: several stacks
 * on one cluster each have their own, or those of the stack that made it.
 */
export class PriorityClasses extends pulumi.ComponentResource {
  readonly names: Readonly<Record<Shape["kind"], string>>;
  /** What pods wait for: one of an unknown class is refused. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:platform:PriorityClasses", name, {}, opts);
    const stack = pulumi
      .getStack()
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-");
    const named = (kind: Shape["kind"]) => `doks-systems-${stack}-${kind}`;
    this.names = { data: named("data"), deployment: named("deployment"), task: named("task") };
    this.ready = Object.entries(classes).map(
      ([kind, { value, preemptionPolicy, description }]) =>
        new k8s.scheduling.v1.PriorityClass(
          `${name}-${kind}`,
          { metadata: { name: named(kind as Shape["kind"]) }, value, preemptionPolicy, description },
          { parent: this },
        ),
    );
    this.registerOutputs({});
  }
}
