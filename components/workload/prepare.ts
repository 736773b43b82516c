import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { connect, readiness, type Destination } from "../network/connections.ts";
import type { Site } from "../platform/site.ts";
import type { Namespace } from "./namespace.ts";
import { configOf, podTemplate, type Pod } from "./pod.ts";
import { serviceAccount, type ApiAccess } from "./service-account.ts";

/** A pod whose labels, account and spread its owner decides. */
export type OwnedPod = Omit<Pod, "labels" | "serviceAccountName" | "spread" | "apiToken">;

export interface PodOwner {
  readonly site: Site;
  readonly namespace: Namespace;
  /** Name of the caller in policies, and of the ServiceAccount unless `accountName` says otherwise. */
  readonly ownerName: string;
  readonly accountName?: string | undefined;
  readonly apiAccess?: ApiAccess | undefined;
  readonly labels: Record<string, string>;
  readonly pod: OwnedPod;
  readonly spread: boolean;
  readonly connectsTo: readonly Destination[];
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
  const { site, namespace, labels, connectsTo } = owner;
  const accountName = owner.accountName ?? owner.ownerName;
  const pod: Pod = {
    ...owner.pod,
    labels,
    serviceAccountName: accountName,
    apiToken: owner.apiAccess !== undefined,
    spread: owner.spread,
  };
  const before = [
    ...serviceAccount(name, { accountName, namespace, apiAccess: owner.apiAccess }, parent),
    ...connect(name, site, { name: owner.ownerName, namespace, labels }, connectsTo, parent),
    ...configOf(pod),
    ...site.pools,
    ...readiness(connectsTo),
  ];
  return { template: podTemplate(pod), before };
}
