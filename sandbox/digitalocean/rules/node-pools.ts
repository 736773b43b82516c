/**
 * What DigitalOcean refuses of node pools. Sources: csi-digitalocean#279 and terraform-provider-digitalocean#827 for the API's
 * own words; API reference, "Add a Node Pool"; documentation, "Kubernetes Limits" (512 nodes, the Droplet limit) and "How to
 * create Kubernetes clusters" (each node takes a /25 of the pods' range).
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

/** Droplets that an account may have, nodes among them; a new team has fewer, until it asks. */
export const dropletLimit = 100;

/** Why a pool is not as asked. @param index of the pool in the request, which the API's words have */
export function poolRefusal(pool: PoolRequest, index = 0): Refusal | undefined {
  const at = (message: string) => unprocessable(`validation error: worker_node_pool_specs[${index}].${message}`);
  if (pool.size !== undefined && !dropletSizes.includes(pool.size)) return at("invalid droplet size");
  if (pool.name.length > 55) return at("pool names cannot be greater than 55 characters");
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(pool.name)) return at("invalid pool name");
  return scaleRefusal(pool, at) ?? tagsRefusal(pool.tags) ?? reservedTagRefusal(pool.tags) ?? nodeRefusal(pool, at);
}

/** Nodes that a pool begins with: none was asked for where the autoscaler has a minimum. */
export function initialCount({ count, min_nodes: min }: PoolRequest): number {
  return count ?? Math.max(min ?? 0, 1);
}

/** Why a cluster does not get as many nodes. */
export function nodeCountRefusal(nodes: number, clusterSubnet: string): Refusal | undefined {
  if (nodes > nodesPerCluster) return unprocessable(`a cluster may have at most ${nodesPerCluster} nodes`);
  const room = nodesIn(parseBlock(clusterSubnet).prefix);
  if (nodes <= room) return undefined;
  return unprocessable(`cluster_subnet ${clusterSubnet} has room for ${room} nodes, which take a /25 each`);
}

/** Why an account does not get more nodes, which are Droplets. */
export function dropletRefusal(more: number, { clusters }: Pick<Holdings, "clusters">): Refusal | undefined {
  const there = [...clusters.values()].flatMap(({ node_pools: pools }) => pools.map(({ count }) => count));
  const all = there.reduce((sum, count) => sum + count, more);
  return all <= dropletLimit
    ? undefined
    : unprocessable(`creating this will exceed your Droplet limit: ${dropletLimit}`);
}

/** Documentation, "Kubernetes Limits": the prefix is DigitalOcean's. */
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
  // A count beside a range is not refused: the provider sends the one that it last saw, and the autoscaler moves it inside.
  return undefined;
}

/** As the kubelet takes them. Kubernetes documentation, "Labels and Selectors", "Taints and Tolerations". */
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
