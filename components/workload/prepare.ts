import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Reach, Visitor as VisitorSetting } from "../../settings/slices/workload.ts";
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
  /** Workload whose shape the pods have. @default - `ownerName` */
  readonly shapeOf?: string | undefined;
  /** Whether the pods run for the last dump of a retired system, too. @default false */
  readonly forLastBackup?: boolean | undefined;
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
 * mounted files. Where the pods do not run, it makes the files alone, as the template names them.
 *
 * @returns the pod template, and the resources that must be ready before the pods start: those above, the Secrets and
 *   ConfigMaps that the pods read, the node pools, the PriorityClasses, and what the pods connect to
 */
export function preparePods(
  name: string,
  owner: PodOwner,
  parent: pulumi.Resource,
): { template: types.input.core.v1.PodTemplateSpec; before: pulumi.Resource[] } {
  const { site, namespace, labels, forLastBackup } = owner;
  const shape = namespace.shape(owner.shapeOf ?? owner.ownerName);
  const account =
    owner.account ?? serviceAccount(name, { accountName: owner.ownerName, namespace, forLastBackup }, parent);
  const pod: Pod = {
    ...shapedPod(name, owner.pod, shape, owner, parent),
    extraLabels: { ...namespace.labels, ...namespace.ownLabels, ...owner.pod.extraLabels },
    labels,
    serviceAccountName: account.accountName,
    apiToken: owner.apiToken ?? false,
    spread: owner.spread,
  };
  const connectsTo = connectionsOf(owner);
  const policies = namespace.runs(forLastBackup)
    ? connect(name, site, { name: owner.ownerName, namespace, labels }, connectsTo, parent)
    : [];
  const before = [
    ...account.ready,
    ...policies,
    ...configOf(pod),
    ...site.pools,
    ...site.priorities.ready,
    ...readiness(connectsTo),
  ];
  return { template: podTemplate(pod), before };
}

/**
 * Everything that the pods of a workload may connect to: what it declares, what the stack's settings add, and each other.
 * Pods that do not run connect to nothing.
 */
export function connectionsOf(
  owner: Pick<
    PodOwner,
    "ownerName" | "shapeOf" | "forLastBackup" | "namespace" | "labels" | "peerPorts" | "connectsTo"
  >,
): Destination[] {
  const { namespace, ownerName, shapeOf = ownerName } = owner;
  if (!namespace.runs(owner.forLastBackup)) return [];
  const added = Object.entries(namespace.shape(shapeOf).reaches).map(([name, to]) => destination(name, to, namespace));
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

/** Makes the NetworkPolicies that let clients from `reachedBy` of the shape connect to a workload. */
export function admitVisitors(name: string, to: Endpoint, parent: pulumi.Resource): void {
  for (const [visitorName, visitor] of Object.entries(to.namespace.shape(to.name).reachedBy)) {
    const { ports = to.ports } = visitor;
    const who = visitorOf(visitorName, visitor, to.namespace);
    // Not named `<visitor>-to-<workload>`: a workload of this program with the visitor's name may have that policy.
    const plan = { ...planVisit(who, { ...to, ports }), name: `${visitorName}-visits-${to.name}` };
    networkPolicy(`${name}-by-${visitorName}`, plan, parent);
  }
}

function visitorOf(name: string, visitor: VisitorSetting, namespace: Namespace): Visitor {
  switch (visitor.kind) {
    case "addresses":
      return { name, addresses: visitor.addresses };
    case "cluster":
      return { name, from: undefined };
    case "pods":
      return { name, from: visitor.namespace ?? namespace.namespaceName, labels: visitor.labels };
  }
}

/** The pods of the workload itself as a destination, which no pod waits for. */
function peers(owner: Pick<PodOwner, "ownerName" | "namespace" | "labels" | "peerPorts">): Destination[] {
  const { ownerName, namespace, labels, peerPorts } = owner;
  if (peerPorts === undefined || peerPorts.length === 0) return [];
  return [{ kind: "pods", name: ownerName, namespace, labels, ports: peerPorts, ready: [] }];
}
