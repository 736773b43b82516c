/** DOKS: clusters, node pools, credentials. A cluster's API server is the host that the account starts for it. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { dropletSizes } from "../../catalogue/droplets.ts";
import { regionsWith } from "../../catalogue/regions.ts";
import { secret, timestamp, type Account, type KubernetesCluster, type Pool } from "./account.ts";
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
  type Routes,
} from "./router.ts";
import {
  clusterNameRefusal,
  clusterRefusal,
  haRefusal,
  minorOf,
  upgradeRefusal,
  versionOf,
} from "./rules/kubernetes.ts";
import { overlayRanges } from "./rules/networks.ts";
import {
  dropletRefusal,
  initialCount,
  nodeCountRefusal,
  poolRefusal,
  reservedTagRefusal,
  type PoolRequest,
} from "./rules/node-pools.ts";
import { tagsRefusal } from "./rules/tags.ts";

const days = ["any", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
const maintenance = z.looseObject({ day: z.enum(days), start_time: z.string() });
const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;
const pool = {
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
const cluster = {
  name: z.string(),
  region: z.string(),
  version: z.string(),
  vpc_uuid: z.string().optional(),
  cluster_subnet: z.string().optional(),
  service_subnet: z.string().optional(),
  ha: z.boolean().nullish(),
  auto_upgrade: z.boolean().nullish(),
  surge_upgrade: z.boolean().nullish(),
  tags: z.array(z.string()).nullish(),
  maintenance_policy: maintenance.nullish(),
  isolated_workers: z.boolean().nullish(),
  node_pools: z.array(z.looseObject(pool)).min(1),
};
const clusterUpdate = {
  name: z.string().min(1),
  tags: z.array(z.string()).nullish(),
  ha: z.boolean().nullish(),
  auto_upgrade: z.boolean().nullish(),
  surge_upgrade: z.boolean().nullish(),
  maintenance_policy: maintenance.nullish(),
};

export const kubernetes: Routes = {
  "GET /v2/kubernetes/options": (_call, account) =>
    ok({
      options: {
        versions: account.versions.map((slug) => ({
          slug,
          kubernetes_version: slug.replace(/-do\.\d+$/, ""),
          supported_features: ["cluster-autoscaler", "docr-integration", "ha-control-plane", "token-authentication"],
        })),
        regions: regionsWith("kubernetes").map((slug) => ({ name: slug, slug })),
        sizes: dropletSizes.map((slug) => ({ name: slug, slug })),
      },
    }),
  "GET /v2/kubernetes/clusters": ({ query }, account) =>
    page(
      "kubernetes_clusters",
      [...account.clusters.values()].map((one) => shown(one, account)),
      query,
    ),
  "POST /v2/kubernetes/clusters": ({ body }, account) => {
    const made = createCluster(fields(cluster, body), account);
    account.clusters.set(made.id, made);
    void startHost(made, account);
    return created({ kubernetes_cluster: shown(made, account) });
  },
  "GET /v2/kubernetes/clusters/:id": (call, account) =>
    ok({ kubernetes_cluster: shown(clusterOf(call, account), account) }),
  "PUT /v2/kubernetes/clusters/:id": (call, account) => {
    const one = clusterOf(call, account);
    const changed = fields(clusterUpdate, call.body);
    refuse(
      clusterNameRefusal(changed.name, one, account) ??
        haRefusal(changed.ha, one) ??
        tagsRefusal(changed.tags) ??
        reservedTagRefusal(changed.tags),
    );
    one.name = changed.name;
    one.tags = withOwnTags(one.id, changed.tags ?? []);
    one.ha ||= changed.ha ?? false;
    one.auto_upgrade = changed.auto_upgrade ?? one.auto_upgrade;
    one.surge_upgrade = changed.surge_upgrade ?? one.surge_upgrade;
    if (changed.maintenance_policy) one.maintenance_policy = { ...policy(changed.maintenance_policy) };
    one.updated_at = timestamp();
    return accepted({ kubernetes_cluster: shown(one, account) });
  },
  "POST /v2/kubernetes/clusters/:id/upgrade": (call, account) => {
    const one = clusterOf(call, account);
    const { version } = fields({ version: z.string() }, call.body);
    refuse(upgradeRefusal(version, one, account));
    one.version = versionOf(version, account) ?? version;
    return accepted();
  },
  "DELETE /v2/kubernetes/clusters/:id": (call, account) => remove(clusterOf(call, account), account),
  "GET /v2/kubernetes/clusters/:id/destroy_with_associated_resources": (call, account) => {
    clusterOf(call, account);
    return ok({ load_balancers: [], volumes: [], volume_snapshots: [] });
  },
  "DELETE /v2/kubernetes/clusters/:id/destroy_with_associated_resources/dangerous": (call, account) =>
    remove(clusterOf(call, account), account),
  "GET /v2/kubernetes/clusters/:id/credentials": (call, account) => {
    const one = clusterOf(call, account);
    const host = account.hosts.get(one.id);
    if (host === undefined) throw notFound("The cluster's credentials");
    return ok({
      server: host.server,
      certificate_authority_data: Buffer.from(host.ca).toString("base64"),
      client_certificate_data: null,
      client_key_data: null,
      token: secret(),
      expires_at: timestamp(new Date(Date.now() + account.credentialDays * 86_400_000)),
    });
  },

  "GET /v2/kubernetes/clusters/:id/node_pools": (call, account) =>
    page("node_pools", shown(clusterOf(call, account), account).node_pools, call.query),
  "POST /v2/kubernetes/clusters/:id/node_pools": (call, account) => {
    const one = clusterOf(call, account);
    const asked = fields(pool, call.body);
    refuse(poolRefusal(asked) ?? growthRefusal(one, initialCount(asked), account));
    const made = createPool(asked);
    if (one.node_pools.some(({ name }) => name === made.name))
      throw unprocessable("a node pool with this name already exists");
    one.node_pools.push(made);
    setCount(one, made, made.count, account);
    return created({ node_pool: shownPool(made, account) });
  },
  "GET /v2/kubernetes/clusters/:id/node_pools/:pool": (call, account) =>
    ok({ node_pool: shownPool(poolOf(call, account), account) }),
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
    return accepted({ node_pool: shownPool(one, account) });
  },
  "DELETE /v2/kubernetes/clusters/:id/node_pools/:pool": (call, account) => {
    const one = poolOf(call, account);
    const owner = clusterOf(call, account);
    setCount(owner, one, 0, account);
    owner.node_pools = owner.node_pools.filter(({ id }) => id !== one.id);
    return done;
  },
};

/** What the autoscaler does: another count of nodes, which nobody asked for through the API. */
export function autoscale(account: Account, poolName: string, count: number): void {
  for (const one of account.clusters.values()) {
    const scaled = one.node_pools.find(({ name }) => name === poolName);
    if (scaled !== undefined) setCount(one, scaled, count, account);
  }
}

function createCluster(asked: ReturnType<typeof fields<typeof cluster>>, account: Account): KubernetesCluster {
  refuse(clusterRefusal(asked, account));
  const id = randomUUID();
  const version = versionOf(asked.version, account) ?? asked.version;
  return {
    ...{ id, name: asked.name, region: asked.region, version },
    cluster_subnet: asked.cluster_subnet ?? overlayRanges.cluster_subnet,
    service_subnet: asked.service_subnet ?? overlayRanges.service_subnet,
    vpc_uuid: asked.vpc_uuid ?? account.defaultVpc(asked.region),
    ...{ ipv4: "", endpoint: "", tags: withOwnTags(id, asked.tags ?? []) },
    node_pools: asked.node_pools.map(createPool),
    maintenance_policy: policy(asked.maintenance_policy ?? { day: "any", start_time: "00:00" }),
    auto_upgrade: asked.auto_upgrade ?? false,
    surge_upgrade: asked.surge_upgrade ?? false,
    // API reference: where it is omitted, true from 1.36 on.
    ha: asked.ha ?? minorOf(version) >= 36,
    status: { state: "provisioning" },
    ...{ created_at: timestamp(), updated_at: timestamp() },
  };
}

async function startHost(one: KubernetesCluster, account: Account): Promise<void> {
  try {
    const host = await account.startHost(one.id, account.tokens);
    if (!account.clusters.has(one.id)) {
      await host.stop();
      return;
    }
    account.hosts.set(one.id, host);
    one.endpoint = host.server;
    one.ipv4 = "127.0.0.1";
    for (const each of one.node_pools) setCount(one, each, each.count, account);
    one.status = { state: "running" };
  } catch (error) {
    one.status = { state: "error", message: String(error) };
  }
}

async function remove(one: KubernetesCluster, account: Account) {
  account.clusters.delete(one.id);
  const host = account.hosts.get(one.id);
  account.hosts.delete(one.id);
  await host?.stop();
  return done;
}

/** Why a cluster does not get more nodes. */
function growthRefusal(one: KubernetesCluster, more: number, account: Account) {
  const there = one.node_pools.reduce((sum, { count }) => sum + count, 0);
  return nodeCountRefusal(there + more, one.cluster_subnet) ?? dropletRefusal(more, account);
}

function createPool(asked: ReturnType<typeof fields<typeof pool>> & PoolRequest): Pool {
  return {
    ...{ id: randomUUID(), name: asked.name, size: asked.size, count: initialCount(asked) },
    ...{ tags: asked.tags ?? [], labels: asked.labels ?? {}, taints: asked.taints ?? [] },
    auto_scale: asked.auto_scale ?? false,
    ...{ min_nodes: asked.min_nodes ?? 0, max_nodes: asked.max_nodes ?? 0, nodes: [] },
  };
}

/** Adds or removes nodes, the youngest first, here and in the cluster itself. */
function setCount(one: KubernetesCluster, pool: Pool, count: number, account: Account): void {
  pool.count = count;
  const now = new Date().toISOString();
  const host = account.hosts.get(one.id);
  // Before the cluster runs, its nodes are still to come.
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

function shown(one: KubernetesCluster, account: Account): KubernetesCluster {
  return { ...one, node_pools: one.node_pools.map((each) => shownPool(each, account)) };
}

function shownPool(one: Pool, account: Account): Pool {
  const runs = (since: string) => Date.now() - Date.parse(since) >= account.settleMs;
  for (const node of one.nodes) if (runs(node.created_at)) node.status = { state: "running" };
  return one;
}

function clusterOf({ params }: Call, account: Account): KubernetesCluster {
  return found(account.clusters, params["id"]);
}
function poolOf(call: Call, account: Account): Pool {
  const one = clusterOf(call, account).node_pools.find(({ id }) => id === call.params["pool"]);
  if (one === undefined) throw notFound();
  return one;
}
function withOwnTags(id: string, tags: readonly string[]): string[] {
  return [...new Set(["k8s", `k8s:${id}`, ...tags])];
}
function policy({ day, start_time }: z.infer<typeof maintenance>) {
  return { day, start_time, duration: "4h0m0s" };
}
