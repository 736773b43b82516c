/** Nodes as DOKS would make them, for the real scheduler to judge whether everything fits. */
import type { PlatformSetting } from "../../settings/platform.ts";
import type { ApiObject } from "./client.ts";

/**
 * What pods may request on a node, by Droplet size. Memory: DigitalOcean documentation, "Kubernetes Limits", edited
 * 2025-12-03; CPU: 100m less than the node's, which no document states. As of 2026-11-21.
 */
export const allocatable: Record<string, { readonly milliCpu: number; readonly mebibytes: number }> = {
  "s-1vcpu-2gb": { milliCpu: 900, mebibytes: 1024 },
  "s-2vcpu-2gb": { milliCpu: 1900, mebibytes: 1024 },
  "s-2vcpu-4gb": { milliCpu: 1900, mebibytes: 2560 },
  "c-2": { milliCpu: 1900, mebibytes: 2560 },
  "s-4vcpu-8gb": { milliCpu: 3900, mebibytes: 6144 },
  "g-2vcpu-8gb": { milliCpu: 1900, mebibytes: 6144 },
  "c-4": { milliCpu: 3900, mebibytes: 6144 },
  "s-8vcpu-16gb": { milliCpu: 7900, mebibytes: 13_312 },
  "g-4vcpu-16gb": { milliCpu: 3900, mebibytes: 13_312 },
};

/** Kept free on every node for DOKS's own pods and as a margin; their requests are published nowhere. */
const reserved = { milliCpu: 100, mebibytes: 128 };
const podsPerNode = 110;

/** The nodes of a stack, each pool at its minimum or maximum; one large node where the cluster is not ours. */
export function nodesOf(platform: PlatformSetting, at: "min" | "max"): ApiObject[] {
  const { cluster, pools } = platform;
  if (cluster.source !== "create") return [node("local-0", "local", { milliCpu: 8000, mebibytes: 16_384 })];
  const system = { size: cluster.systemPool.size, count: cluster.systemPool.count };
  const counts = Object.entries(pools).map(([pool, { size, ...range }]) => ({ pool, size, count: range[at] }));
  return [{ pool: "system", ...system }, ...counts].flatMap(({ pool, size, count }) =>
    Array.from({ length: count }, (_, i) => nodeOf(`${pool}-${i}`, pool, size)),
  );
}

/** A node of a pool, as large as its Droplet leaves it for pods. */
export function nodeOf(name: string, pool: string, size: string): ApiObject {
  return node(name, pool, room(size));
}

function room(size: string) {
  const known = allocatable[size];
  if (known === undefined)
    throw new Error(`size ${size} is not in the table of sandbox/control-plane/nodes.ts; add it`);
  return { milliCpu: known.milliCpu - reserved.milliCpu, mebibytes: known.mebibytes - reserved.mebibytes };
}

function node(name: string, pool: string, { milliCpu, mebibytes }: { milliCpu: number; mebibytes: number }): ApiObject {
  const capacity = {
    cpu: `${milliCpu}m`,
    memory: `${mebibytes}Mi`,
    pods: String(podsPerNode),
    "ephemeral-storage": "50Gi",
  };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: { "doks.digitalocean.com/node-pool": pool, "kubernetes.io/hostname": name, "kubernetes.io/os": "linux" },
    },
    status: { allocatable: capacity, capacity },
  };
}
