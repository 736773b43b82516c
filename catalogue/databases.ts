/**
 * DigitalOcean's managed databases: sizes, versions and node counts by engine. As of 2026-11-21. Sources: example of
 * `GET /v2/databases/options` in DigitalOcean's OpenAPI document (2026-08-07); "PostgreSQL Limits" (edited 2025-11-05,
 * which has version 18).
 */

/** DigitalOcean's slug of a database engine. */
export type Engine = "pg" | "valkey" | "kafka";

interface Offer {
  readonly versions: readonly string[];
  /** Each group of sizes, with the node counts that it can have. */
  readonly layouts: readonly (readonly [nodes: readonly number[], sizes: readonly string[]])[];
}

const basic = ["1vcpu-2gb", "2vcpu-4gb", "4vcpu-8gb", "6vcpu-16gb"].map((size) => `db-s-${size}`);
const basicLarge = ["8vcpu-32gb", "16vcpu-64gb"].map((size) => `db-s-${size}`);
const premium = ["db-amd", "db-intel"].flatMap((family) =>
  ["1vcpu-2gb", "2vcpu-4gb", "2vcpu-8gb", "4vcpu-8gb", "4vcpu-16gb", "8vcpu-32gb", "16vcpu-64gb"].map(
    (size) => `${family}-${size}`,
  ),
);
const sized = (family: string, cpus: readonly number[], perCpu: number) =>
  cpus.map((count) => `${family}-${count}vcpu-${count * perCpu}gb`);
const generalPurpose = sized("gd", [2, 4, 8, 16, 32, 40], 4);
const storageOptimized = sized("so1_5", [2, 4, 8, 16, 24, 32], 8);
const memoryOptimized = sized("m", [2, 4, 8, 16, 24, 32], 8);
const smallest = ["db-s-1vcpu-1gb"];

const offers: Readonly<Record<Engine, Offer>> = {
  pg: {
    // DigitalOcean has made no new servers of version 14 since 2026-05-12.
    versions: ["15", "16", "17", "18"],
    layouts: [
      [[1], [...smallest, "db-amd-1vcpu-1gb", "db-intel-1vcpu-1gb"]],
      [
        [1, 2, 3],
        [...basic, ...premium, ...generalPurpose, ...storageOptimized],
      ],
    ],
  },
  valkey: {
    versions: ["8"],
    layouts: [
      [[1], smallest],
      [
        [1, 2, 3],
        [...basic, ...basicLarge, ...memoryOptimized],
      ],
    ],
  },
  kafka: {
    versions: ["3.8"],
    layouts: [
      [[3], ["db-s-2vcpu-2gb", "db-s-2vcpu-4gb"]],
      [
        [3, 6, 9, 15],
        ["gd-2vcpu-8gb", "gd-4vcpu-16gb"],
      ],
    ],
  },
};

/** Versions of an engine that a new server can have. */
export function databaseVersions(engine: Engine): readonly string[] {
  return offers[engine].versions;
}

/** Size slugs of an engine, families with the smallest sizes first. */
export function databaseSizes(engine: Engine): readonly string[] {
  return [...new Set(offers[engine].layouts.flatMap(([, sizes]) => sizes))];
}

/** Numbers of nodes that a cluster of a size can have; undefined for an unknown size. */
export function databaseNodes(engine: Engine, size: string): readonly number[] | undefined {
  return offers[engine].layouts.find(([, sizes]) => sizes.includes(size))?.[0];
}

/** Memory of a size in GiB, read from its slug (`db-s-1vcpu-2gb`); undefined if the slug does not say it. */
export function databaseGibibytes(size: string): number | undefined {
  const [, gibibytes] = /-\d+vcpu-(\d+)gb/.exec(size) ?? [];
  return gibibytes === undefined ? undefined : Number(gibibytes);
}

/** PostgreSQL's default of `max_connections`. Source: PostgreSQL documentation, "Connections and Authentication". */
export const defaultConnections = 100;

/**
 * Connections that a managed PostgreSQL leaves to its clients, by its memory in GiB. Source: "PostgreSQL limits",
 * 2026-11-21.
 */
const connectionsByMemory: readonly (readonly [number, number])[] = [
  [1, 22],
  [2, 47],
  [4, 97],
  [8, 197],
  [16, 397],
  [32, 797],
  [64, 997],
];

/** Connections that a managed PostgreSQL of a size leaves to its clients; undefined if the slug does not say its memory. */
export function planConnections(slug: string): number | undefined {
  const memory = databaseGibibytes(slug);
  return memory === undefined ? undefined : connectionsByMemory.findLast(([gibibytes]) => gibibytes <= memory)?.[1];
}
