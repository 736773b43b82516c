/**
 * Droplet sizes for nodes of DOKS, and how much CPU and memory pods may request on each.
 *
 * Slugs: the sizes that DigitalOcean's API names for Droplets and for node pools (OpenAPI document, 2026-08-07,
 * examples of `GET /v2/kubernetes/options`; `DropletSlug` of @pulumi/digitalocean 4.80.1, for the AMD and Intel kinds).
 * Allocatable memory: DigitalOcean documentation, "Kubernetes Limits", edited 2025-12-03. CPU: 100m less than the
 * node's, which no document states.
 */

/** An amount of CPU and memory. */
export interface Room {
  /** Thousandths of a CPU. */
  readonly milliCpu: number;
  /** Memory in MiB. */
  readonly mebibytes: number;
}

/** vCPUs, GiB, and suffixes of the slug for other processors or disks (`-intel`); an empty suffix is the plain size. */
type Size = readonly [vcpus: number, gibibytes: number, kinds?: readonly string[]];
const plain = [""];
const plainAndIntel = ["", "-intel"];

/** Sizes with 8 GiB for each vCPU. */
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
  c: [[2, 4], ...[4, 8, 16, 32, 48].map((cpus): Size => [cpus, 2 * cpus, plainAndIntel]), [60, 120, ["-intel"]]],
  c2: [[2, 4], ...[4, 8, 16, 32, 48].map((cpus): Size => [cpus, 2 * cpus, plainAndIntel]), [60, 120, ["-intel"]]],
  g: [
    ...[2, 4, 8, 16, 32].map((cpus): Size => [cpus, 4 * cpus, plainAndIntel]),
    [40, 160],
    [48, 192, ["-intel"]],
    [60, 240, ["-intel"]],
  ],
  gd: [
    ...[2, 4, 8, 16, 32].map((cpus): Size => [cpus, 4 * cpus, plainAndIntel]),
    [40, 160],
    [48, 192, ["-intel"]],
    [60, 240, ["-intel"]],
  ],
  m: [...eightfold(plainAndIntel), [48, 384, ["-intel"]]],
  m3: [...eightfold(plainAndIntel), [48, 384, ["-intel"]]],
  m6: eightfold(plain),
  so: [...eightfold(plainAndIntel), [48, 384, ["-intel"]]],
  so1_5: [...eightfold(plainAndIntel), [48, 384, ["-intel"]]],
};

interface DropletSize {
  readonly family: string;
  /** Its processors and disk, without how large the disk is: an empty text, `-intel`, `-gb-intel`. */
  readonly kind: string;
  readonly vcpus: number;
  readonly gibibytes: number;
}

const sizes: ReadonlyMap<string, DropletSize> = new Map(
  Object.entries(families).flatMap(([family, members]) =>
    members.flatMap(([vcpus, gibibytes, kinds = plain]) =>
      kinds.map((kind) => {
        const size = { family, kind: kind.replace(/\d+/, ""), vcpus, gibibytes };
        return [`${slugOf(family, vcpus, gibibytes)}${kind}`, size] as const;
      }),
    ),
  ),
);

/** Slug of a size. Only that of the oldest CPU-optimized family does not contain its memory. */
function slugOf(family: string, vcpus: number, gibibytes: number): string {
  return family === "c" ? `c-${vcpus}` : `${family}-${vcpus}vcpu-${gibibytes}gb`;
}

/** Slugs of all sizes that nodes can have, which is from 2 GiB up. */
export const dropletSizes: readonly string[] = [...sizes.keys()];

/**
 * vCPUs and memory of a size, such as `g-2vcpu-8gb-intel`. For a size that is not in the list, they are read from its slug.
 *
 * @returns undefined if the size is unknown and cannot be read from its slug
 */
function dropletSize(slug: string): Pick<DropletSize, "vcpus" | "gibibytes"> | undefined {
  const known = sizes.get(slug);
  if (known !== undefined) return known;
  const [, vcpus, gibibytes] = /^[a-z0-9_]+-(\d+)vcpu-(\d+)gb/.exec(slug) ?? [];
  return vcpus === undefined ? undefined : { vcpus: Number(vcpus), gibibytes: Number(gibibytes) };
}

/**
 * Slugs of the sizes of the same family with the same kind of processor, the smallest first, by memory and then by CPU; empty
 * for a size that is not in the list.
 */
export function sizesLike(slug: string): string[] {
  const like = sizes.get(slug);
  return [...sizes]
    .filter(([, { family, kind }]) => family === like?.family && kind === like.kind)
    .toSorted(([, a], [, b]) => a.gibibytes - b.gibibytes || a.vcpus - b.vcpus)
    .map(([one]) => one);
}

/** Memory that DOKS leaves to pods, by the Droplet's memory, both in GiB. */
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

/** Allocatable GiB of a Droplet. A size that is not documented has the same share as the next smaller one that is. */
function allocatable(gibibytes: number): number | undefined {
  const below = allocatableGib.findLast(([size]) => size <= gibibytes);
  return below === undefined ? undefined : (gibibytes * below[1]) / below[0];
}

/** Kept free on every node for DOKS's own pods, whose requests DigitalOcean does not publish, and as a margin. */
const reserved: Room = { milliCpu: 100, mebibytes: 128 };

/**
 * CPU and memory that pods of this program may request on a node of a size (`s-4vcpu-8gb`); undefined for an unknown
 * size.
 */
export function roomOn(slug: string): Room | undefined {
  const size = dropletSize(slug);
  const memory = size === undefined ? undefined : allocatable(size.gibibytes);
  if (size === undefined || memory === undefined) return undefined;
  return {
    milliCpu: size.vcpus * 1000 - 100 - reserved.milliCpu,
    mebibytes: Math.floor(memory * 1024) - reserved.mebibytes,
  };
}
