/**
 * Requests on clusters that DigitalOcean refuses. Sources: API reference, "Create a New Kubernetes Cluster";
 * documentation, "How to create Kubernetes clusters" (VPC-native networking) and "How to upgrade Kubernetes clusters";
 * wording of the errors from terraform-provider-digitalocean#1443 and mcp-digitalocean#260.
 */
import { overlap } from "../../../catalogue/addresses.ts";
import { regionsWith } from "../../../catalogue/regions.ts";
import type { Holdings, KubernetesCluster } from "../resources.ts";
import type { Refusal } from "../answers.ts";
import { unprocessable } from "../answers.ts";
import { blockOf, rangeRefusal } from "./networks.ts";
import { overlayRanges } from "../../../catalogue/networks.ts";
import {
  dropletRefusal,
  initialCount,
  nodeCountRefusal,
  poolRefusal,
  reservedTagRefusal,
  type PoolRequest,
} from "./node-pools.ts";
import { tagsRefusal } from "./tags.ts";

export interface ClusterRequest {
  readonly name: string;
  readonly region: string;
  readonly version: string;
  readonly vpc_uuid?: string | undefined;
  readonly cluster_subnet?: string | undefined;
  readonly service_subnet?: string | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly isolated_workers?: boolean | null | undefined;
  readonly node_pools: readonly PoolRequest[];
}
type State = Pick<Holdings, "vpcs" | "clusters" | "versions">;

/** Why a cluster cannot be made; undefined if it can. */
export function clusterRefusal(asked: ClusterRequest, account: State): Refusal | undefined {
  const nodes = asked.node_pools.reduce((sum, pool) => sum + initialCount(pool), 0);
  if (!regionsWith("kubernetes").includes(asked.region))
    return unprocessable(`validation error: region ${asked.region} is not available for Kubernetes`);
  return (
    clusterNameRefusal(asked.name, undefined, account) ??
    versionRefusal(asked.version, account) ??
    tagsRefusal(asked.tags) ??
    reservedTagRefusal(asked.tags) ??
    poolsRefusal(asked.node_pools, nodes) ??
    placeRefusal(asked, account) ??
    subnetsRefusal(asked, account) ??
    nodeCountRefusal(nodes, asked.cluster_subnet ?? overlayRanges.pods) ??
    dropletRefusal(nodes, account)
  );
}

/**
 * Why a cluster cannot get a name; undefined if it can.
 *
 * @param renamed the cluster that gets the name; undefined for a new one
 */
export function clusterNameRefusal(
  name: string,
  renamed: KubernetesCluster | undefined,
  { clusters }: Pick<Holdings, "clusters">,
): Refusal | undefined {
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) return unprocessable(`validation error: invalid name: ${name}`);
  const taken = [...clusters.values()].some((one) => one.name === name && one !== renamed);
  return taken ? unprocessable("a cluster with this name already exists") : undefined;
}

/**
 * Slug of a version: for a minor version its newest patch, for `latest` the newest of all; undefined if it is not on
 * offer.
 */
export function versionOf(asked: string, { versions }: Pick<Holdings, "versions">): string | undefined {
  if (asked === "latest") return versions[0];
  return versions.find((slug) => slug === asked || slug.startsWith(`${asked}.`));
}

function versionRefusal(asked: string, account: Pick<Holdings, "versions">): Refusal | undefined {
  if (versionOf(asked, account) !== undefined) return undefined;
  const feature = "VersionFeatureDockerVpcBugFixed";
  return unprocessable(`failed to test requested version slug "${asked}" for ${feature} feature: invalid version slug`);
}

/** Why a cluster cannot be upgraded to a version; undefined if it can. Upgrades cannot skip a minor version. */
export function upgradeRefusal(
  asked: string,
  { version }: Pick<KubernetesCluster, "version">,
  account: Pick<Holdings, "versions">,
): Refusal | undefined {
  const to = versionOf(asked, account);
  if (to === undefined) return versionRefusal(asked, account);
  if (compareVersions(to, version) < 0) return unprocessable(`cannot downgrade from ${version} to ${to}`);
  const skipped = minorOf(to) - minorOf(version) > 1;
  return skipped
    ? unprocessable(`cannot upgrade from ${version} to ${to}: minor versions cannot be skipped`)
    : undefined;
}

/** Why `ha` cannot be changed; undefined if it can. API reference: it "cannot be disabled". */
export function haRefusal(
  asked: boolean | null | undefined,
  { ha }: Pick<KubernetesCluster, "ha">,
): Refusal | undefined {
  return ha && asked === false ? unprocessable("high availability cannot be disabled") : undefined;
}

/** Minor version in a slug: 36 in `1.36.3-do.0`. */
export function minorOf(slug: string): number {
  return Number(slug.split(".")[1]);
}

function compareVersions(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}

function poolsRefusal(pools: readonly PoolRequest[], nodes: number): Refusal | undefined {
  for (const [index, pool] of pools.entries()) {
    const refusal = poolRefusal(pool, index);
    if (refusal !== undefined) return refusal;
  }
  if (new Set(pools.map(({ name }) => name)).size !== pools.length)
    return unprocessable("validation error: node pool names must be unique");
  return nodes === 0 ? unprocessable("validation error: a cluster needs at least one worker node") : undefined;
}

function placeRefusal(asked: ClusterRequest, { vpcs }: State): Refusal | undefined {
  const vpc = asked.vpc_uuid === undefined ? undefined : vpcs.get(asked.vpc_uuid);
  if (asked.vpc_uuid !== undefined && vpc === undefined) return unprocessable("vpc not found");
  if (vpc !== undefined && vpc.region !== asked.region)
    return unprocessable(`vpc ${vpc.name} is in ${vpc.region}, the cluster in ${asked.region}`);
  // No NAT gateways are simulated. API reference: "a NAT gateway must exist in the VPC where the cluster is created".
  return asked.isolated_workers === true ? unprocessable("isolated workers need a NAT gateway in the VPC") : undefined;
}

/** Refuses ranges of pods and Services by the same rules, and in the same words, as DigitalOcean refuses ranges of VPCs. */
function subnetsRefusal(asked: ClusterRequest, account: State): Refusal | undefined {
  if (asked.cluster_subnet === undefined && asked.service_subnet === undefined) return undefined;
  if (asked.cluster_subnet === undefined || asked.service_subnet === undefined)
    return unprocessable("validation error: cluster_subnet and service_subnet must be given together");
  const [pods, services] = [blockOf(asked.cluster_subnet), blockOf(asked.service_subnet)];
  if (overlap(pods, services)) return unprocessable("validation error: cluster_subnet and service_subnet overlap");
  const refused = (kind: string, { message }: Refusal) =>
    unprocessable(`creating vpc ${kind} subnet overlay: rpc error: code = InvalidArgument desc = ${message}`);
  const [podsRefused, servicesRefused] = [pods, services].map((range) => rangeRefusal(range, asked.region, account));
  if (podsRefused !== undefined) return refused("pod", podsRefused);
  return servicesRefused === undefined ? undefined : refused("service", servicesRefused);
}
