/**
 * What pods may request on a DOKS node. Memory: DigitalOcean documentation, "Kubernetes Limits", edited 2025-12-03. CPU: 100m
 * less than the node's, which no document states. As of 2026-11-21.
 */
import prices from "./prices.json" with { type: "json" };

export interface Room {
  readonly milliCpu: number;
  readonly mebibytes: number;
}

/** Allocatable memory in GiB by the Droplet's. */
const allocatableGib: Readonly<Record<number, number>> = {
  ...{ 2: 1, 3: 1.66, 4: 2.5, 8: 6, 16: 13, 32: 28, 48: 43, 64: 58, 96: 88.5, 128: 119.5, 160: 151, 192: 182 },
};

/** Kept free on every node for DOKS's own pods and as a margin; their requests are published nowhere. */
const reserved: Room = { milliCpu: 100, mebibytes: 128 };

/** By which pods choose a pool; DOKS puts it on every node. */
export const poolLabel = "doks.digitalocean.com/node-pool";
export const podsPerNode = 110;
/** The CSI driver's own limit; a newer note says 15. */
export const volumesPerNode = 7;

/** Sizes with a known price. */
export const dropletSizes: readonly string[] = Object.keys(prices.nodes);

/** What a node of a size, such as `s-4vcpu-8gb`, has for this program's pods; undefined for an unknown size. */
export function roomOn(size: string): Room | undefined {
  const { cpus, gib } = shape(size);
  const memory = allocatableGib[gib];
  if (memory === undefined) return undefined;
  return {
    milliCpu: cpus * 1000 - 100 - reserved.milliCpu,
    mebibytes: Math.floor(memory * 1024) - reserved.mebibytes,
  };
}

/** The slug says it: `g-2vcpu-8gb-intel`; `c-4` has twice as many GiB as CPUs. */
function shape(size: string): { cpus: number; gib: number } {
  const [, cpus, gib] = /^[a-z0-9_]+-(\d+)vcpu-(\d+)gb/.exec(size) ?? [];
  if (gib !== undefined) return { cpus: Number(cpus), gib: Number(gib) };
  const [, twice] = /^c-(\d+)/.exec(size) ?? [];
  return { cpus: Number(twice ?? 0), gib: Number(twice ?? 0) * 2 };
}
