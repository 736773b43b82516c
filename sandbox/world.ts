/** Everything around a stack, played on this machine: an account at DigitalOcean, Spaces, the clusters it makes. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import type { PlatformSetting } from "../settings/platform.ts";
import { addNodes, startControlPlane } from "./control-plane/control-plane.ts";
import { nodeOf, nodesOf } from "./control-plane/nodes.ts";
import { Account, type Host, type StartHost } from "./digitalocean/account.ts";
import { DigitalOcean } from "./digitalocean/server.ts";
import { spacesEndpoint, startSpaces, type Spaces } from "./spaces/spaces.ts";

export interface World {
  readonly api: DigitalOcean;
  readonly spaces: Spaces;
  readonly folder: string;
  /** What the account held from the beginning, in the words of its inventory. */
  readonly given: readonly string[];
  /** For the engine: where everything is. */
  readonly env: Record<string, string>;
  stop(): Promise<void>;
}

/** Starts what a stack with this platform finds before it comes. */
export async function startWorld(folder: string, platform: PlatformSetting): Promise<World> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const spaces = await startSpaces(ownFolder(folder, "spaces"), platform.storageRegion);
  // A second one, for whoever rehearses a change of token.
  const tokens = [0, 1].map(() => `dop_v1_${randomBytes(32).toString("hex")}`);
  const account = new Account({
    tokens,
    startHost: startCluster(ownFolder(folder, "clusters")),
    settleMs: 3000,
    bucketExists: (name) => spaces.buckets().includes(name),
  });
  addExisting(account, platform);
  const given = account.inventory();
  const api = await DigitalOcean.start(account, join(folder, "digitalocean.log"));
  const plane =
    platform.cluster.source === "kubeconfig"
      ? await startControlPlane(join(folder, "cluster"), nodesOf(platform, "min"))
      : undefined;
  return {
    ...{ api, spaces, folder, given },
    env: {
      DIGITALOCEAN_TOKEN: tokens[0] ?? "",
      DIGITALOCEAN_API_URL: api.url,
      SPACES_ENDPOINT_URL: spacesEndpoint,
      SPACES_ACCESS_KEY_ID: spaces.key,
      SPACES_SECRET_ACCESS_KEY: spaces.secret,
      HTTP_PROXY: spaces.proxy,
      // A file that is not there, so that the user's own is not used.
      KUBECONFIG: plane?.kubeconfig ?? join(folder, "no-kubeconfig"),
    },
    stop: async () => {
      await plane?.stop();
      await api.stop();
      await spaces.stop();
    },
  };
}

/** Gives an account what a stack takes as given: domains, and a registry that another stack makes. */
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

/** A cluster of DOKS is a control plane of its own. */
function startCluster(folder: string): StartHost {
  return async (id, tokens): Promise<Host> => {
    const plane = await startControlPlane(join(folder, id), [], tokens);
    return {
      server: plane.client.server,
      ca: plane.ca,
      addNodes: (nodes) =>
        addNodes(
          plane.client,
          nodes.map(({ name, pool, size }) => nodeOf(name, pool, size)),
        ),
      removeNodes: async (names) => {
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
