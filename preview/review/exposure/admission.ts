/** Whether NetworkPolicies let what takes connections from outside reach the pods behind it. Pure. */
import type { Pods } from "../../../graph/pods.ts";
import { allows, type NetworkPolicy } from "../../../policy/reachability.ts";
import { selects } from "../../../graph/pods.ts";
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

/** The port of the container; undefined if its name says nothing here. */
function targetPort({ spec }: Pods, { port, targetPort: target = port }: ServicePort): number | undefined {
  if (typeof target === "number") return target;
  return (spec.containers ?? []).flatMap(({ ports = [] }) => ports).find(({ name }) => name === target)?.containerPort;
}

function admitsAddresses(
  policies: readonly NetworkPolicy[],
  { namespace, labels }: { readonly namespace: string; readonly labels: Pods["labels"] },
  port: number,
): boolean {
  const selecting = policies.filter(
    ({ metadata, spec }) =>
      (metadata.namespace ?? "default") === namespace &&
      spec.policyTypes.includes("Ingress") &&
      selects(spec.podSelector, labels),
  );
  const rules = selecting.flatMap(({ spec }) => spec.ingress ?? []);
  return (
    selecting.length === 0 ||
    rules.some(
      ({ from, ports }) =>
        (from === undefined || from.some(({ ipBlock }) => ipBlock !== undefined)) &&
        (ports === undefined || ports.some((one) => one.port === undefined || one.port === port)),
    )
  );
}
