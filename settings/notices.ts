/** What is allowed and yet worth a word: shown by the preview, and as a warning by the engine. Pure. */
import type { PlatformSetting } from "./platform.ts";
import type { FactsByKey } from "./rules.ts";
import type { SystemFacts } from "./facts.ts";

/** A remark about a setting. */
export interface Notice {
  readonly path: string;
  readonly text: string;
}

export function noticesOf(platform: PlatformSetting, systems: FactsByKey): Notice[] {
  return Object.entries(systems).flatMap(([key, facts]) => [
    ...missingMesh(key, platform, facts),
    ...poolsTooSmall(key, platform, facts),
  ]);
}

function missingMesh(key: string, { addons }: PlatformSetting, { mesh }: SystemFacts): Notice[] {
  if (mesh === undefined || addons.linkerd === "existing") return [];
  const text =
    "asks for Linkerd, and the cluster has no control plane: connections between its pods are not encrypted, " +
    "only limited by policies";
  return [{ path: `${key}.${mesh}`, text }];
}

function poolsTooSmall(key: string, { cluster, pools }: PlatformSetting, facts: SystemFacts): Notice[] {
  if (cluster.source !== "create") return [];
  return Object.entries(facts.autoscaled ?? {}).flatMap(([path, { pool, max, requests }]) => {
    const nodes = pools[pool];
    const size = nodes === undefined ? undefined : sizeOf(nodes.size);
    if (nodes === undefined || size === undefined) return [];
    const needed = Math.max(
      (max * milliCpu(requests.cpu)) / (size.vcpus * 1000),
      (max * mebibytes(requests.memory)) / (size.gigabytes * 1024),
    );
    if (needed <= nodes.max) return [];
    const text =
      `may grow to ${max} pods, for which pool ${pool} would need ${Math.ceil(needed)} nodes of ${nodes.size}; ` +
      `it stops at ${nodes.max}`;
    return [{ path: `${key}.${path}`, text }];
  });
}

/** What a Droplet has, from its slug: `s-4vcpu-8gb`, or `c-2`, whose memory is twice its CPUs. */
function sizeOf(slug: string): { vcpus: number; gigabytes: number } | undefined {
  const [, vcpus, gigabytes] = /-(\d+)vcpu-(\d+)gb/.exec(slug) ?? [];
  if (vcpus !== undefined && gigabytes !== undefined) return { vcpus: Number(vcpus), gigabytes: Number(gigabytes) };
  const [, cpus] = /^c-(\d+)$/.exec(slug) ?? [];
  return cpus === undefined ? undefined : { vcpus: Number(cpus), gigabytes: 2 * Number(cpus) };
}

function milliCpu(quantity: string): number {
  return quantity.endsWith("m") ? Number(quantity.slice(0, -1)) : Number(quantity) * 1000;
}

function mebibytes(quantity: string): number {
  const units: Record<string, number> = { Ki: 1 / 1024, Mi: 1, Gi: 1024, Ti: 1024 * 1024 };
  return Number(quantity.slice(0, -2)) * (units[quantity.slice(-2)] ?? 1);
}
