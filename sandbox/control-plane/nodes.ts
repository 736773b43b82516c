/** Nodes as DOKS would make them, on which the real scheduler places pods. */
import type { PlatformSetting } from "../../settings/platform.ts";
import { roomOn, type Room } from "../../catalogue/droplets.ts";
import { podsPerNode, poolLabel } from "../../catalogue/doks.ts";
import type { ApiObject } from "./client.ts";

/** The nodes of a stack, with each pool at its minimum or maximum. If the stack makes no cluster, one large node. */
export function nodesOf(platform: PlatformSetting, at: "min" | "max"): ApiObject[] {
  const { cluster, pools } = platform;
  if (cluster.source !== "create") return [node("local-0", "local", { milliCpu: 8000, mebibytes: 16_384 })];
  const system = { size: cluster.systemPool.size, count: cluster.systemPool.count };
  const counts = Object.entries(pools).map(([pool, { size, ...range }]) => ({ pool, size, count: range[at] }));
  return [{ pool: "system", ...system }, ...counts].flatMap(({ pool, size, count }) =>
    Array.from({ length: count }, (_, i) => nodeOf(`${pool}-${i}`, pool, size)),
  );
}

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

function node(name: string, pool: string, { milliCpu, mebibytes }: Room): ApiObject {
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
      labels: { [poolLabel]: pool, "kubernetes.io/hostname": name, "kubernetes.io/os": "linux" },
    },
    status: { allocatable: capacity, capacity },
  };
}
