import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Namespace } from "../site/namespace.ts";

/** How many pods a drain leaves: an absolute number, or a share such as `25%`. */
export type Budget = { readonly maxUnavailable: number | string } | { readonly minAvailable: number | string };

/** Keeps so many of more; of no more than that it keeps all but one, or no node could ever be drained. */
export function keeping(minAvailable: number, replicas: number | { readonly min: number }): Budget | undefined {
  const least = typeof replicas === "number" ? replicas : replicas.min;
  if (least > minAvailable) return { minAvailable };
  return least > 1 ? { maxUnavailable: 1 } : undefined;
}

/** Lets a node be drained without taking too many pods of a workload at once. */
export function disruptionBudget(
  name: string,
  args: { namespace: Namespace; workloadName: string; labels: Record<string, string>; budget: Budget },
  parent: pulumi.Resource,
): void {
  new k8s.policy.v1.PodDisruptionBudget(
    name,
    {
      metadata: args.namespace.meta(args.workloadName),
      spec: {
        ...args.budget,
        selector: { matchLabels: args.labels },
        // A pod that never becomes ready must not hold up the drain of its node.
        unhealthyPodEvictionPolicy: "AlwaysAllow",
      },
    },
    {
      parent,
      dependsOn: args.namespace.ready,
      // It has one of the two. The provider's preview of the first change after a creation would send both, and be refused; a
      // budget is made anew in a moment.
      replaceOnChanges: ["spec.minAvailable", "spec.maxUnavailable"],
      deleteBeforeReplace: true,
    },
  );
}
