/** Routes for DOKS clusters and their credentials. The account starts a real control plane for each cluster. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { dropletSizes } from "../../../catalogue/droplets.ts";
import { regionsWith } from "../../../catalogue/regions.ts";
import { secret, timestamp, type Account } from "../account.ts";
import type { KubernetesCluster } from "../resources.ts";
import type { Routes } from "../router.ts";
import { accepted, created, done, fields, notFound, ok, page, refuse } from "../answers.ts";
import {
  clusterNameRefusal,
  clusterRefusal,
  haRefusal,
  minorOf,
  upgradeRefusal,
  versionOf,
} from "../rules/kubernetes.ts";
import { clusterOf, createPool, pool, setCount, poolAnswerOf } from "./node-pools.ts";
import { overlayRanges } from "../../../catalogue/networks.ts";
import { reservedTagRefusal } from "../rules/node-pools.ts";
import { tagsRefusal } from "../rules/tags.ts";

const days = ["any", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
const maintenance = z.looseObject({ day: z.enum(days), start_time: z.string() });
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
  routing_agent: z.looseObject({ enabled: z.boolean().nullish() }).nullish(),
  node_pools: z.array(z.looseObject(pool)).min(1),
};
const clusterUpdate = {
  name: z.string().min(1),
  tags: z.array(z.string()).nullish(),
  ha: z.boolean().nullish(),
  auto_upgrade: z.boolean().nullish(),
  surge_upgrade: z.boolean().nullish(),
  maintenance_policy: maintenance.nullish(),
  routing_agent: z.looseObject({ enabled: z.boolean().nullish() }).nullish(),
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
      [...account.clusters.values()].map((one) => answerOf(one, account)),
      query,
    ),
  "POST /v2/kubernetes/clusters": ({ body }, account) => {
    const made = createCluster(fields(cluster, body), account);
    account.clusters.set(made.id, made);
    void startHost(made, account);
    return created({ kubernetes_cluster: answerOf(made, account) });
  },
  "GET /v2/kubernetes/clusters/:id": (call, account) =>
    ok({ kubernetes_cluster: answerOf(clusterOf(call, account), account) }),
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
    if (changed.routing_agent?.enabled !== undefined)
      one.routing_agent = { enabled: changed.routing_agent.enabled === true };
    if (changed.maintenance_policy) one.maintenance_policy = { ...policy(changed.maintenance_policy) };
    one.updated_at = timestamp();
    return accepted({ kubernetes_cluster: answerOf(one, account) });
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
};

/**
 * Adds a cluster that runs to an account, without a request.
 *
 * @throws {Error} if its control plane does not start
 */
export async function giveCluster(
  id: string,
  asked: Parameters<typeof createCluster>[0],
  account: Account,
): Promise<void> {
  const made = createCluster(asked, account, id);
  account.clusters.set(id, made);
  await startHost(made, account);
  if (made.status.state !== "running") throw new Error(`cluster ${made.name}: ${made.status.message ?? ""}`);
}

function createCluster(
  asked: ReturnType<typeof fields<typeof cluster>>,
  account: Account,
  id: string = randomUUID(),
): KubernetesCluster {
  refuse(clusterRefusal(asked, account));
  const version = versionOf(asked.version, account) ?? asked.version;
  return {
    ...{ id, name: asked.name, region: asked.region, version },
    cluster_subnet: asked.cluster_subnet ?? overlayRanges.pods,
    service_subnet: asked.service_subnet ?? overlayRanges.services,
    vpc_uuid: asked.vpc_uuid ?? account.defaultVpc(asked.region),
    ...{ ipv4: "", endpoint: "", tags: withOwnTags(id, asked.tags ?? []) },
    node_pools: asked.node_pools.map(createPool),
    maintenance_policy: policy(asked.maintenance_policy ?? { day: "any", start_time: "00:00" }),
    auto_upgrade: asked.auto_upgrade ?? false,
    surge_upgrade: asked.surge_upgrade ?? false,
    ...(asked.routing_agent?.enabled === true && { routing_agent: { enabled: true } }),
    // API reference: a request without `ha` means true, from 1.36 on.
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

function answerOf(one: KubernetesCluster, account: Account): KubernetesCluster {
  return { ...one, node_pools: one.node_pools.map((each) => poolAnswerOf(each, account)) };
}

function withOwnTags(id: string, tags: readonly string[]): string[] {
  return [...new Set(["k8s", `k8s:${id}`, ...tags])];
}
function policy({ day, start_time }: z.infer<typeof maintenance>) {
  return { day, start_time, duration: "4h0m0s" };
}
