import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { connect, readiness, type Destination } from "../network/connections.ts";
import type { Site } from "../platform/site.ts";
import type { Namespace } from "./namespace.ts";
import { configOf, podTemplate, type Pod } from "./pod.ts";
import { serviceAccount, type Account } from "./service-account.ts";

/** A pod whose labels, account and spread its owner decides. */
export type OwnedPod = Omit<Pod, "labels" | "serviceAccountName" | "spread" | "apiToken">;

export interface PodOwner {
  readonly site: Site;
  readonly namespace: Namespace;
  /** Name of the caller in policies. */
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
  const account = owner.account ?? serviceAccount(name, { accountName: owner.ownerName, namespace }, parent);
  const pod: Pod = {
    ...owner.pod,
    extraLabels: { ...namespace.labels, ...owner.pod.extraLabels },
    labels,
    serviceAccountName: account.accountName,
    apiToken: owner.apiToken ?? false,
    spread: owner.spread,
  };
  const connectsTo = [...owner.connectsTo, ...peers(owner)];
  const before = [
    ...account.ready,
    ...connect(name, site, { name: owner.ownerName, namespace, labels }, connectsTo, parent),
    ...configOf(pod),
    ...site.pools,
    ...readiness(connectsTo),
  ];
  return { template: podTemplate(pod), before };
}

/** The owner's own pods as a destination; nothing to wait for. */
export function peers(owner: Pick<PodOwner, "ownerName" | "namespace" | "labels" | "peerPorts">): Destination[] {
  const { ownerName, namespace, labels, peerPorts } = owner;
  if (peerPorts === undefined || peerPorts.length === 0) return [];
  return [{ kind: "pods", name: ownerName, namespace, labels, ports: peerPorts, ready: [] }];
}
