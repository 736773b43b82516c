import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Reach } from "../../settings/slices/workload.ts";
import { readiness, type Destination, type Endpoint } from "../connections/destinations.ts";
import { connect, networkPolicy, planVisit, type Visitor } from "../connections/policies.ts";
import type { Namespace, Place } from "../site/namespace.ts";
import { configOf, podTemplate, type Pod } from "./pod.ts";
import { serviceAccount, type Account } from "./service-account.ts";
import { shapedPod, type OwnedPod } from "./shaped-pod.ts";

/** A Deployment, StatefulSet, Job or CronJob, as far as its pods need it. */
export interface PodOwner extends Place {
  /** `metadata.name` of the workload, by which its shape is found and its NetworkPolicies are named. */
  readonly ownerName: string;
  /** ServiceAccount of the pods. @default - one of their own, named like the workload */
  readonly account?: Account | undefined;
  /** Whether the account's token is mounted, to call the Kubernetes API. @default false */
  readonly apiToken?: boolean;
  /** Labels that select the pods. */
  readonly labels: Record<string, string>;
  /** Containers and volumes, as the workload wires them. */
  readonly pod: OwnedPod;
  /** Whether its pods are put on different nodes as far as there are enough. */
  readonly spread: boolean;
  /** What the pods may connect to, beside what the stack's settings add; the pods start once it is ready. */
  readonly connectsTo: readonly Destination[];
  /** TCP ports on which the pods may connect to each other. @default [] */
  readonly peerPorts?: readonly number[] | undefined;
}

/**
 * Makes what the pods of every workload need: their ServiceAccount, the NetworkPolicies of their connections, and ConfigMaps of
 * mounted files.
 *
 * @returns the pod template, and the resources that must be ready before the pods start: those above, the Secrets and
 *   ConfigMaps that the pods read, the node pools, the PriorityClasses, and what the pods connect to
 */
export function preparePods(
  name: string,
  owner: PodOwner,
  parent: pulumi.Resource,
): { template: types.input.core.v1.PodTemplateSpec; before: pulumi.Resource[] } {
  const { site, namespace, labels } = owner;
  const shape = namespace.shape(owner.ownerName);
  const account = owner.account ?? serviceAccount(name, { accountName: owner.ownerName, namespace }, parent);
  const pod: Pod = {
    ...shapedPod(name, owner.pod, shape, owner, parent),
    extraLabels: { ...namespace.labels, ...owner.pod.extraLabels },
    labels,
    serviceAccountName: account.accountName,
    apiToken: owner.apiToken ?? false,
    spread: owner.spread,
  };
  const connectsTo = connectionsOf(owner);
  const before = [
    ...account.ready,
    ...connect(name, site, { name: owner.ownerName, namespace, labels }, connectsTo, parent),
    ...configOf(pod),
    ...site.pools,
    ...site.priorities.ready,
    ...readiness(connectsTo),
  ];
  return { template: podTemplate(pod), before };
}

/** Everything that the pods of a workload may connect to: what it declares, what the stack's settings add, and each other. */
export function connectionsOf(
  owner: Pick<PodOwner, "ownerName" | "namespace" | "labels" | "peerPorts" | "connectsTo">,
): Destination[] {
  const { namespace, ownerName } = owner;
  const added = Object.entries(namespace.shape(ownerName).reaches).map(([name, to]) =>
    destination(name, to, namespace),
  );
  return [...owner.connectsTo, ...added, ...peers(owner)];
}

function destination(name: string, to: Reach, namespace: Namespace): Destination {
  switch (to.kind) {
    case "internet":
      return { kind: "outside", name, ports: to.ports, addresses: to.addresses };
    case "private":
      return { kind: "private", name, ports: to.ports, addresses: to.addresses };
    case "pods": {
      const { labels, ports, namespace: there = namespace.namespaceName } = to;
      return { kind: "neighbour", name, namespace: there, labels, ports };
    }
  }
}

/** Makes the NetworkPolicies that let clients from `reachedBy` of the stack's settings connect to a workload. */
export function admitVisitors(name: string, to: Endpoint, parent: pulumi.Resource): void {
  const { namespace } = to;
  for (const [visitorName, visitor] of Object.entries(namespace.shape(to.name).reachedBy)) {
    const who: Visitor =
      visitor.kind === "addresses"
        ? { name: visitorName, addresses: visitor.addresses }
        : { name: visitorName, from: visitor.namespace ?? namespace.namespaceName, labels: visitor.labels };
    // Not named `<visitor>-to-<workload>`: a workload of this program with the visitor's name may have that policy.
    const plan = { ...planVisit(who, to), name: `${visitorName}-visits-${to.name}` };
    networkPolicy(`${name}-by-${visitorName}`, plan, parent);
  }
}

/** The pods of the workload itself as a destination, which no pod waits for. */
function peers(owner: Pick<PodOwner, "ownerName" | "namespace" | "labels" | "peerPorts">): Destination[] {
  const { ownerName, namespace, labels, peerPorts } = owner;
  if (peerPorts === undefined || peerPorts.length === 0) return [];
  return [{ kind: "pods", name: ownerName, namespace, labels, ports: peerPorts, ready: [] }];
}
