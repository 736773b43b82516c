/**
 * Everything around a stack, on this machine: a simulated DigitalOcean account and Spaces, and real control planes for
 * clusters.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { acmeIssuer } from "../components/edge/acme.ts";
import { registryVariable } from "../preflight/images/registry.ts";
import type { PlatformSetting } from "../settings/platform.ts";
import type { ApiObject } from "./control-plane/client.ts";
import { addNodes, startControlPlane, type ControlPlane } from "./control-plane/control-plane.ts";
import { nodeOf, nodesOf } from "./control-plane/nodes.ts";
import { Account, type Host, type StartHost } from "./digitalocean/account.ts";
import { giveCluster } from "./digitalocean/api/kubernetes.ts";
import { DigitalOcean } from "./digitalocean/server.ts";
import { edgeImages, type Images } from "./images/images.ts";
import { publicNames, startRealCluster } from "./node/cluster.ts";
import { SpacesAccounts } from "./node/outside-spaces.ts";
import { startRegistry, type PlayedRegistry } from "./registry.ts";
import { spacesEndpoint, startSpaces, type Spaces } from "./spaces/spaces.ts";

/** The servers around a stack, while they run. */
export interface World {
  readonly api: DigitalOcean;
  readonly spaces: Spaces;
  readonly registry: PlayedRegistry;
  /** Folder with all files. */
  readonly folder: string;
  /** The account's inventory before the first update. */
  readonly given: readonly string[];
  /** Environment in which the engine and the providers use these servers. */
  readonly env: Record<string, string>;
  stop(): Promise<void>;
}

/**
 * Starts the servers, and creates what the stack expects to exist: domains, a registry, a cluster.
 *
 * @param images what pods of clusters with a real node run @default - nodes are simulated, and nothing runs
 */
export async function startWorld(folder: string, platform: PlatformSetting, images?: Images): Promise<World> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const spaces = await startSpaces(ownFolder(folder, "spaces"), platform.storageRegion);
  // The second token is for tests that change the token.
  const tokens = [0, 1].map(() => `dop_v1_${randomBytes(32).toString("hex")}`);
  const registry = await startRegistry(folder, images);
  const accounts = images === undefined ? undefined : new SpacesAccounts(ownFolder(folder, "spaces-keys"));
  const acme = platform.edge.kind === "gateway" ? acmeIssuer(platform.edge.acmeServer).directory : undefined;
  if (acme !== undefined) await images?.prepare(edgeImages);
  const names = publicNames(folder, acme);
  const start: StartPlane = async (place, nodes, given) => {
    if (images === undefined) return startControlPlane(place, nodes, { tokens: given });
    const outside = { ...spaces, region: platform.storageRegion, accounts: accounts?.folder };
    const cluster = await startRealCluster(place, registry, { tokens: given, acme, names, spaces: outside });
    await cluster.enforcePolicies();
    return cluster;
  };
  const account = new Account({
    tokens,
    startHost: startCluster(ownFolder(folder, "clusters"), images === undefined, start),
    settleMs: 3000,
    bucketExists: (name) => spaces.buckets().includes(name),
    keep: (accessKey, secret) => {
      accounts?.keep(accessKey, secret);
    },
    publish: (records) => {
      names.publish(records);
    },
  });
  addExisting(account, platform);
  await addCluster(account, platform);
  const given = account.inventory();
  const api = await DigitalOcean.start(account, join(folder, "digitalocean.log"));
  const plane =
    platform.cluster.source === "kubeconfig"
      ? await start(join(folder, "cluster"), nodesOf(platform, "min"))
      : undefined;
  return {
    ...{ api, spaces, registry, folder, given },
    env: {
      DIGITALOCEAN_TOKEN: tokens[0] ?? "",
      DIGITALOCEAN_API_URL: api.url,
      [registryVariable]: registry.url,
      SPACES_ENDPOINT_URL: spacesEndpoint,
      SPACES_ACCESS_KEY_ID: spaces.key,
      SPACES_SECRET_ACCESS_KEY: spaces.secret,
      HTTP_PROXY: spaces.proxy,
      // Without a cluster, a file that does not exist, so that the user's own kubeconfig is not used.
      KUBECONFIG: plane?.kubeconfig ?? join(folder, "no-kubeconfig"),
    },
    stop: async () => {
      await plane?.stop();
      await api.stop();
      await registry.stop();
      await spaces.stop();
    },
  };
}

/** Adds to an account the domains and the registry that a stack expects to exist. */
function addExisting(account: Account, { domains, registry }: PlatformSetting): void {
  for (const [domain, kind] of Object.entries(domains))
    if (kind === "existing" && !account.domains.has(domain))
      account.domains.set(domain, { ttl: 1800, records: new Map() });
  if (registry.kind !== "existing" || account.registries.has(registry.name)) return;
  const now = new Date().toISOString();
  account.registries.set(registry.name, {
    ...{ name: registry.name, region: "nyc3", created_at: now },
    ...{ storage_usage_bytes: 0, storage_usage_bytes_updated_at: now },
  });
}

const given = { cluster: "bd5f5959-5e1e-4205-a714-a914373942af", vpc: "760e09ef-dc84-11e8-981e-3cfdfeaae000" } as const;

/** Adds the DOKS cluster that a stack expects to exist, with the pools of kind `existing` beside one for everything else. */
async function addCluster(account: Account, { cluster, pools, region }: PlatformSetting): Promise<void> {
  if (cluster.source !== "existing") return;
  account.giveVpc(region, { id: given.vpc, name: "vpc-before" });
  const own = Object.entries(pools).flatMap(([name, pool]) =>
    pool.kind === "existing" ? [{ name, size: pool.size ?? "s-4vcpu-8gb", count: pool.min ?? pool.max ?? 1 }] : [],
  );
  const others = { name: "others", size: "s-2vcpu-4gb", count: 2 };
  const asked = { name: cluster.name ?? "k8s-before", region, version: account.versions[0] ?? "", vpc_uuid: given.vpc };
  await giveCluster(cluster.id ?? given.cluster, { ...asked, ha: false, node_pools: [others, ...own] }, account);
}

/** Starts a control plane, with the nodes that are given where they are simulated. */
type StartPlane = (folder: string, nodes: readonly ApiObject[], tokens?: readonly string[]) => Promise<ControlPlane>;

/**
 * A function that starts a control plane for each DOKS cluster.
 *
 * @param hasDroplets whether the nodes of its pools are in the cluster; the one real node stands for all of them
 */
function startCluster(folder: string, hasDroplets: boolean, start: StartPlane): StartHost {
  return async (id, tokens): Promise<Host> => {
    const plane = await start(join(folder, id), [], tokens);
    return {
      server: plane.client.server,
      ca: plane.ca,
      addNodes: async (nodes) => {
        const made = nodes.map(({ name, pool, size }) => nodeOf(name, pool, size));
        if (hasDroplets) await addNodes(plane.client, made);
      },
      removeNodes: async (names) => {
        if (!hasDroplets) return;
        for (const name of names) await plane.client.delete({ apiVersion: "v1", kind: "Node", metadata: { name } });
      },
      stop: () => plane.stop(),
    };
  };
}

function ownFolder(folder: string, name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}
