/** Nodes as DOKS would make them, on which the real scheduler places pods. */
import { madePools } from "../../settings/platform/cluster.ts";
import type { PlatformSetting } from "../../settings/platform.ts";
import { roomOn, type Room } from "../../catalogue/droplets.ts";
import { podsPerNode, poolLabel } from "../../catalogue/doks.ts";
import type { ApiObject } from "./client.ts";

/** The nodes of a stack, with each pool at its minimum or maximum. Of a cluster that only a kubeconfig leads to, one large node. */
export function nodesOf(platform: PlatformSetting, at: "min" | "max"): ApiObject[] {
  const { cluster, pools } = platform;
  const label = cluster.source === "kubeconfig" && cluster.nodeSelectors !== false && cluster.nodeSelectors.label;
  if (label !== false) return Object.keys(pools).map((pool) => node(`${pool}-0`, pool, large, label));
  if (cluster.source !== "create") return [node("local-0", "local", large)];
  const system = { size: cluster.systemPool.size, count: cluster.systemPool.count };
  const counts = Object.entries(madePools(pools)).map(([pool, { size, ...range }]) => ({
    ...{ pool, size, count: range[at] },
  }));
  return [{ pool: "system", ...system }, ...counts].flatMap(({ pool, size, count }) =>
    Array.from({ length: count }, (_, i) => nodeOf(`${pool}-${i}`, pool, size)),
  );
}

const large: Room = { milliCpu: 8000, mebibytes: 16_384 };

/**
 * A node of a pool, with the CPU and memory that a Droplet of its size leaves to pods.
 *
 * @throws {Error} if the size is unknown
 */
export function nodeOf(name: string, pool: string, size: string): ApiObject {
  const room = roomOn(size);
  if (room === undefined) throw new Error(`size ${size} is not known to catalogue/droplets.ts; add it`);
  return node(name, pool, room);
}

function node(name: string, pool: string, { milliCpu, mebibytes }: Room, label = poolLabel): ApiObject {
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
      labels: { [label]: pool, "kubernetes.io/hostname": name, "kubernetes.io/os": "linux" },
    },
    status: { allocatable: capacity, capacity },
  };
}
