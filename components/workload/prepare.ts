import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Reach } from "../../settings/slices/workload.ts";
import { readiness, type Destination, type Endpoint } from "../connections/destinations.ts";
import { connect, networkPolicy, planVisit, type Visitor } from "../connections/policies.ts";
import type { Namespace, Place } from "../site/namespace.ts";
import { configOf, podTemplate, type Pod } from "./pod.ts";
import { serviceAccount, type Account } from "./service-account.ts";
import { shapedPod, type OwnedPod } from "./shaped-pod.ts";

export interface PodOwner extends Place {
  /** Name of the caller in policies, and of its shape in the settings. */
  readonly ownerName: string;
  /** @default an account of its own, of the owner's name */
  readonly account?: Account | undefined;
  /** Mounts the account's token. @default false */
  readonly apiToken?: boolean;
  /** Labels that select the pods. */
  readonly labels: Record<string, string>;
  readonly pod: OwnedPod;
  readonly spread: boolean;
  readonly connectsTo: readonly Destination[];
  /** Ports on which the pods reach each other. @default none */
  readonly peerPorts?: readonly number[] | undefined;
}

/**
 * What every owner of pods has: the template, and before it the ServiceAccount, the policies of its connections, the
 * Secrets and ConfigMaps it reads, the node pools, and whatever it connects to.
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

/** Everything that the owner's pods connect to: what their system wires, what the settings add, and each other. */
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

/** Lets those that the settings name reach the owner's pods. */
export function admitVisitors(name: string, to: Endpoint, parent: pulumi.Resource): void {
  const { namespace } = to;
  for (const [visitorName, visitor] of Object.entries(namespace.shape(to.name).reachedBy)) {
    const who: Visitor =
      visitor.kind === "addresses"
        ? { name: visitorName, addresses: visitor.addresses }
        : { name: visitorName, from: visitor.namespace ?? namespace.namespaceName, labels: visitor.labels };
    // Its name is not that of a policy for a caller of the program's own that has the same name.
    const plan = { ...planVisit(who, to), name: `${visitorName}-visits-${to.name}` };
    networkPolicy(`${name}-by-${visitorName}`, plan, parent);
  }
}

/** The owner's own pods as a destination; nothing to wait for. */
function peers(owner: Pick<PodOwner, "ownerName" | "namespace" | "labels" | "peerPorts">): Destination[] {
  const { ownerName, namespace, labels, peerPorts } = owner;
  if (peerPorts === undefined || peerPorts.length === 0) return [];
  return [{ kind: "pods", name: ownerName, namespace, labels, ports: peerPorts, ready: [] }];
}
