/**
 * Requests on node pools that DigitalOcean refuses. Sources: API reference, "Add a Node Pool"; documentation,
 * "Kubernetes Limits" (512 nodes, the Droplet limit) and "How to create Kubernetes clusters" (each node takes a /25 of
 * the pods' range); wording of the errors from csi-digitalocean#279 and terraform-provider-digitalocean#827.
 */
import type { Holdings } from "../resources.ts";
import { parseBlock } from "../../../catalogue/addresses.ts";
import { dropletSizes } from "../../../catalogue/droplets.ts";
import { nodesPerCluster } from "../../../catalogue/doks.ts";
import { nodesIn } from "../../../catalogue/networks.ts";
import { unprocessable, type Refusal } from "../answers.ts";
import { tagsRefusal } from "./tags.ts";

export interface PoolRequest {
  readonly name: string;
  readonly size?: string | undefined;
  readonly count?: number | undefined;
  readonly auto_scale?: boolean | null | undefined;
  readonly min_nodes?: number | null | undefined;
  readonly max_nodes?: number | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly labels?: Readonly<Record<string, string>> | null | undefined;
  readonly taints?: readonly { key: string; value?: string | undefined; effect: string }[] | null | undefined;
}

/** Most Droplets of the account, nodes included. A new team has a lower limit, until DigitalOcean raises it. */
export const dropletLimit = 100;

/**
 * Why a pool cannot be made or changed; undefined if it can.
 *
 * @param index of the pool in the request, for the error
 */
export function poolRefusal(pool: PoolRequest, index = 0): Refusal | undefined {
  const at = (message: string) => unprocessable(`validation error: worker_node_pool_specs[${index}].${message}`);
  if (pool.size !== undefined && !dropletSizes.includes(pool.size)) return at("invalid droplet size");
  if (pool.name.length > 55) return at("pool names cannot be greater than 55 characters");
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(pool.name)) return at("invalid pool name");
  return scaleRefusal(pool, at) ?? tagsRefusal(pool.tags) ?? reservedTagRefusal(pool.tags) ?? nodeRefusal(pool, at);
}

/** Number of nodes of a new pool: the requested count, else the autoscaler's minimum, but at least one. */
export function initialCount({ count, min_nodes: min }: PoolRequest): number {
  return count ?? Math.max(min ?? 0, 1);
}

/** Why a cluster cannot have a number of nodes; undefined if it can. */
export function nodeCountRefusal(nodes: number, clusterSubnet: string): Refusal | undefined {
  if (nodes > nodesPerCluster) return unprocessable(`a cluster may have at most ${nodesPerCluster} nodes`);
  const room = nodesIn(parseBlock(clusterSubnet).prefix);
  if (nodes <= room) return undefined;
  return unprocessable(`cluster_subnet ${clusterSubnet} has room for ${room} nodes, which take a /25 each`);
}

/** Why an account cannot get more nodes, each of which is a Droplet; undefined if it can. */
export function dropletRefusal(more: number, { clusters }: Pick<Holdings, "clusters">): Refusal | undefined {
  const there = [...clusters.values()].flatMap(({ node_pools: pools }) => pools.map(({ count }) => count));
  const all = there.reduce((sum, count) => sum + count, more);
  return all <= dropletLimit
    ? undefined
    : unprocessable(`creating this will exceed your Droplet limit: ${dropletLimit}`);
}

/**
 * Why a resource cannot have its tags; undefined if it can. DigitalOcean reserves a prefix: documentation, "Kubernetes
 * Limits".
 */
export function reservedTagRefusal(tags: readonly string[] | null | undefined): Refusal | undefined {
  const reserved = tags?.find((tag) => /^k8s/i.test(tag));
  return reserved === undefined ? undefined : unprocessable(`tag ${reserved}: the prefix k8s is reserved`);
}

type At = (message: string) => Refusal;

function scaleRefusal(pool: PoolRequest, at: At): Refusal | undefined {
  const { count, auto_scale: auto, min_nodes: min, max_nodes: max } = pool;
  if ((count ?? 0) < 0) return at("node count must not be negative");
  if (auto !== true) return undefined;
  if ((min ?? 0) < 0 || (max ?? 0) < 1) return at("max_nodes must be at least 1 where auto_scale is on");
  if ((max ?? 0) < (min ?? 0)) return at("max_nodes must be at least min_nodes");
  if ((max ?? 0) > nodesPerCluster) return at(`max_nodes may be at most ${nodesPerCluster}`);
  // A count outside the autoscaler's range is accepted: the provider sends the last count that it saw, and the
  // autoscaler corrects it.
  return undefined;
}

/**
 * Refuses labels and taints that Kubernetes would refuse. Kubernetes documentation, "Labels and Selectors", "Taints and
 * Tolerations".
 */
function nodeRefusal({ labels, taints }: PoolRequest, at: At): Refusal | undefined {
  const pairs = [
    ...Object.entries(labels ?? {}),
    ...(taints ?? []).map(({ key, value }) => [key, value ?? ""] as const),
  ];
  const wrong = pairs.find(([key, value]) => !isLabelKey(key) || !isLabelValue(value));
  if (wrong !== undefined) return at(`invalid label or taint ${wrong[0]}=${wrong[1]}`);
  const twice = new Set((taints ?? []).map(({ key, effect }) => `${key} ${effect}`)).size !== (taints ?? []).length;
  return twice ? at("taints must be unique by key and effect pair") : undefined;
}

function isLabelValue(value: string): boolean {
  return value === "" || /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(value);
}

function isLabelKey(key: string): boolean {
  const [name = "", prefix, ...more] = key.split("/").toReversed();
  const domain = prefix === undefined || (prefix.length <= 253 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(prefix));
  return more.length === 0 && domain && name !== "" && isLabelValue(name);
}
