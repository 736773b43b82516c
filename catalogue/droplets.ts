/**
 * Droplets as nodes of DOKS: which sizes there are, and what pods may request on one.
 *
 * Slugs: the sizes that DigitalOcean's API names for Droplets and for node pools (OpenAPI document, 2026-08-07, examples of
 * `GET /v2/kubernetes/options`; `DropletSlug` of @pulumi/digitalocean 4.80.1, for the AMD and Intel kinds). Allocatable memory:
 * DigitalOcean documentation, "Kubernetes Limits", edited 2025-12-03. CPU: 100m less than the node's, which no document states.
 */

export interface Room {
  readonly milliCpu: number;
  readonly mebibytes: number;
}

/** vCPUs, GiB, and what follows the slug where DigitalOcean sells the size with other processors or disks. */
type Size = readonly [vcpus: number, gibibytes: number, kinds?: readonly string[]];
const plain = [""];
const both = ["", "-intel"];

/** Memory that grows eightfold with the CPUs. */
const eightfold = (kinds: readonly string[]): Size[] => [
  ...[2, 4, 8, 16, 24, 32].map((cpus): Size => [cpus, 8 * cpus, kinds]),
];

const families: Readonly<Record<string, readonly Size[]>> = {
  s: [
    [1, 2, ["", "-amd", "-intel", "-70gb-intel"]],
    [1, 3],
    [2, 2, ["", "-amd", "-intel", "-90gb-intel"]],
    [2, 4, ["", "-amd", "-intel", "-120gb-intel"]],
    [2, 8, ["-amd", "-160gb-intel"]],
    [4, 8, ["", "-amd", "-intel", "-240gb-intel"]],
    [4, 16, ["-amd", "-320gb-intel"]],
    [6, 16],
    [8, 16, ["", "-amd", "-intel", "-480gb-intel"]],
    [8, 32, ["", "-amd", "-640gb-intel"]],
    [12, 48],
    [16, 64],
    [20, 96],
    [24, 128],
    [32, 192],
  ],
  c: [[2, 4], ...[4, 8, 16, 32, 48].map((cpus): Size => [cpus, 2 * cpus, both]), [60, 120, ["-intel"]]],
  c2: [[2, 4], ...[4, 8, 16, 32, 48].map((cpus): Size => [cpus, 2 * cpus, both]), [60, 120, ["-intel"]]],
  g: [
    ...[2, 4, 8, 16, 32].map((cpus): Size => [cpus, 4 * cpus, both]),
    [40, 160],
    [48, 192, ["-intel"]],
    [60, 240, ["-intel"]],
  ],
  gd: [
    ...[2, 4, 8, 16, 32].map((cpus): Size => [cpus, 4 * cpus, both]),
    [40, 160],
    [48, 192, ["-intel"]],
    [60, 240, ["-intel"]],
  ],
  m: [...eightfold(both), [48, 384, ["-intel"]]],
  m3: [...eightfold(both), [48, 384, ["-intel"]]],
  m6: eightfold(plain),
  so: [...eightfold(both), [48, 384, ["-intel"]]],
  so1_5: [...eightfold(both), [48, 384, ["-intel"]]],
};

interface DropletSize {
  readonly vcpus: number;
  readonly gibibytes: number;
}

const sizes: ReadonlyMap<string, DropletSize> = new Map(
  Object.entries(families).flatMap(([family, members]) =>
    members.flatMap(([vcpus, gibibytes, kinds = plain]) =>
      kinds.map((kind) => [`${slugOf(family, vcpus, gibibytes)}${kind}`, { vcpus, gibibytes }] as const),
    ),
  ),
);

/** Only the oldest dedicated family leaves its memory out. */
function slugOf(family: string, vcpus: number, gibibytes: number): string {
  return family === "c" ? `c-${vcpus}` : `${family}-${vcpus}vcpu-${gibibytes}gb`;
}

/** Sizes that nodes can have; a node has at least 2 GiB. */
export const dropletSizes: readonly string[] = [...sizes.keys()];

/**
 * CPUs and memory of a size, such as `g-2vcpu-8gb-intel`.
 *
 * @returns for a size that is newer than the list, what its slug says; undefined where it says nothing
 */
function dropletSize(slug: string): DropletSize | undefined {
  const known = sizes.get(slug);
  if (known !== undefined) return known;
  const [, vcpus, gibibytes] = /^[a-z0-9_]+-(\d+)vcpu-(\d+)gb/.exec(slug) ?? [];
  return vcpus === undefined ? undefined : { vcpus: Number(vcpus), gibibytes: Number(gibibytes) };
}

/** Allocatable memory in GiB by the Droplet's. */
const allocatableGib: readonly (readonly [gibibytes: number, allocatable: number])[] = [
  ...([
    [2, 1],
    [3, 1.66],
    [4, 2.5],
    [8, 6],
    [16, 13],
    [32, 28],
    [48, 43],
    [64, 58],
  ] as const),
  ...([
    [96, 88.5],
    [128, 119.5],
    [160, 151],
    [192, 182],
  ] as const),
];

/** Of a size between or above the documented ones as much as of the next smaller one, in proportion. */
function allocatable(gibibytes: number): number | undefined {
  const below = allocatableGib.findLast(([size]) => size <= gibibytes);
  return below === undefined ? undefined : (gibibytes * below[1]) / below[0];
}

/** Kept free on every node for DOKS's own pods and as a margin; their requests are published nowhere. */
const reserved: Room = { milliCpu: 100, mebibytes: 128 };

/** What a node of a size, such as `s-4vcpu-8gb`, has for this program's pods; undefined for an unknown size. */
export function roomOn(slug: string): Room | undefined {
  const size = dropletSize(slug);
  const memory = size === undefined ? undefined : allocatable(size.gibibytes);
  if (size === undefined || memory === undefined) return undefined;
  return {
    milliCpu: size.vcpus * 1000 - 100 - reserved.milliCpu,
    mebibytes: Math.floor(memory * 1024) - reserved.mebibytes,
  };
}
