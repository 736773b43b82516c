/** Routes for node pools of DOKS, and the changes of their nodes. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { secret, type Account } from "../account.ts";
import type { KubernetesCluster, Pool } from "../resources.ts";
import type { Routes } from "../router.ts";
import {
  accepted,
  created,
  done,
  fields,
  found,
  notFound,
  ok,
  page,
  refuse,
  unprocessable,
  type Call,
} from "../answers.ts";
import { dropletRefusal, initialCount, nodeCountRefusal, poolRefusal, type PoolRequest } from "../rules/node-pools.ts";

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;
export const pool = {
  name: z.string(),
  size: z.string(),
  count: z.number().int().optional(),
  tags: z.array(z.string()).nullish(),
  labels: z.record(z.string(), z.string()).nullish(),
  taints: z.array(z.looseObject({ key: z.string(), value: z.string().optional(), effect: z.enum(effects) })).nullish(),
  auto_scale: z.boolean().nullish(),
  min_nodes: z.number().int().nullish(),
  max_nodes: z.number().int().nullish(),
};

export const nodePools: Routes = {
  "GET /v2/kubernetes/clusters/:id/node_pools": (call, account) =>
    page(
      "node_pools",
      clusterOf(call, account).node_pools.map((one) => poolAnswerOf(one, account)),
      call.query,
    ),
  "POST /v2/kubernetes/clusters/:id/node_pools": (call, account) => {
    const one = clusterOf(call, account);
    const asked = fields(pool, call.body);
    refuse(poolRefusal(asked) ?? growthRefusal(one, initialCount(asked), account));
    const made = createPool(asked);
    if (one.node_pools.some(({ name }) => name === made.name))
      throw unprocessable("a node pool with this name already exists");
    one.node_pools.push(made);
    setCount(one, made, made.count, account);
    return created({ node_pool: poolAnswerOf(made, account) });
  },
  "GET /v2/kubernetes/clusters/:id/node_pools/:pool": (call, account) =>
    ok({ node_pool: poolAnswerOf(poolOf(call, account), account) }),
  "PUT /v2/kubernetes/clusters/:id/node_pools/:pool": (call, account) => {
    const one = poolOf(call, account);
    const asked = fields({ ...pool, size: z.string().optional() }, call.body);
    refuse(
      poolRefusal(asked) ?? growthRefusal(clusterOf(call, account), (asked.count ?? one.count) - one.count, account),
    );
    const { name, tags, labels, taints, auto_scale, min_nodes, max_nodes, count } = asked;
    Object.assign(one, {
      ...{ name, tags: tags ?? [], labels: labels ?? {}, taints: taints ?? [] },
      ...{ auto_scale: auto_scale ?? false, min_nodes: min_nodes ?? 0, max_nodes: max_nodes ?? 0 },
    });
    const wanted = one.auto_scale ? Math.min(Math.max(one.count, one.min_nodes), one.max_nodes) : (count ?? one.count);
    setCount(clusterOf(call, account), one, wanted, account);
    return accepted({ node_pool: poolAnswerOf(one, account) });
  },
  "DELETE /v2/kubernetes/clusters/:id/node_pools/:pool": (call, account) => {
    const one = poolOf(call, account);
    const owner = clusterOf(call, account);
    setCount(owner, one, 0, account);
    owner.node_pools = owner.node_pools.filter(({ id }) => id !== one.id);
    return done;
  },
};

/** Changes the number of nodes in a pool as the cluster autoscaler does, without a request. */
export function autoscale(account: Account, poolName: string, count: number): void {
  for (const one of account.clusters.values()) {
    const scaled = one.node_pools.find(({ name }) => name === poolName);
    if (scaled !== undefined) setCount(one, scaled, count, account);
  }
}

/** Why a cluster cannot get more nodes; undefined if it can. */
function growthRefusal(one: KubernetesCluster, more: number, account: Account) {
  const there = one.node_pools.reduce((sum, { count }) => sum + count, 0);
  return nodeCountRefusal(there + more, one.cluster_subnet) ?? dropletRefusal(more, account);
}

export function createPool(asked: ReturnType<typeof fields<typeof pool>> & PoolRequest): Pool {
  return {
    ...{ id: randomUUID(), name: asked.name, size: asked.size, count: initialCount(asked) },
    ...{ tags: asked.tags ?? [], labels: asked.labels ?? {}, taints: asked.taints ?? [] },
    auto_scale: asked.auto_scale ?? false,
    ...{ min_nodes: asked.min_nodes ?? 0, max_nodes: asked.max_nodes ?? 0, nodes: [] },
  };
}

/** Adds nodes, or removes the youngest ones, in the account and in the cluster itself. */
export function setCount(one: KubernetesCluster, pool: Pool, count: number, account: Account): void {
  pool.count = count;
  const now = new Date().toISOString();
  const host = account.hosts.get(one.id);
  // A cluster that does not run yet gets its nodes once it does.
  if (host === undefined) return;
  const removed = pool.nodes.splice(count);
  const added = Array.from({ length: Math.max(0, count - pool.nodes.length) }, () => ({
    ...{ id: randomUUID(), name: `${pool.name}-${secret().slice(0, 5)}`, droplet_id: "1" },
    ...{ status: { state: "provisioning" }, created_at: now, updated_at: now },
  }));
  pool.nodes.push(...added);
  const report = (error: unknown) => {
    console.error(`nodes of ${pool.name}: ${String(error)}`);
  };
  host.addNodes(added.map(({ name }) => ({ name, pool: pool.name, size: pool.size }))).catch(report);
  host.removeNodes(removed.map(({ name }) => name)).catch(report);
}

export function poolAnswerOf(one: Pool, account: Account): Pool {
  const runs = (since: string) => Date.now() - Date.parse(since) >= account.settleMs;
  for (const node of one.nodes) if (runs(node.created_at)) node.status = { state: "running" };
  return one;
}

export function clusterOf({ params }: Call, account: Account): KubernetesCluster {
  return found(account.clusters, params["id"]);
}
function poolOf(call: Call, account: Account): Pool {
  const one = clusterOf(call, account).node_pools.find(({ id }) => id === call.params["pool"]);
  if (one === undefined) throw notFound();
  return one;
}
