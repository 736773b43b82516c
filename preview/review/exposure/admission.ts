/** Whether NetworkPolicies let what takes connections from outside reach the pods behind it. Pure. */
import { targetPort, type Pods } from "../../../graph/pods.ts";
import { admitsAddresses, allows } from "../../../policy/reachability.ts";
import type { ClusterView, ServicePort } from "./cluster-view.ts";

/** Where connections come from: pods of a namespace, or addresses outside of the cluster. */
export type Caller = { readonly namespace: string } | "internet";

/**
 * Whether policies keep a caller from some of the pods.
 *
 * @param port port of the Service in front of the pods
 */
export function isCutOff(view: ClusterView, pods: readonly Pods[], port: ServicePort, caller: Caller): boolean {
  return pods.some((own) => {
    const target = targetPort(own, port);
    if (target === undefined) return false;
    const policies = view.policiesIn(own.namespace);
    const listening = { name: own.owner.name, namespace: own.namespace, labels: own.labels };
    if (caller === "internet") return !admitsAddresses(policies, listening, target);
    return !allows(policies, "Ingress", listening, { name: "edge", namespace: caller.namespace, labels: {} }, target);
  });
}
