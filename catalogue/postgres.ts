/** What PostgreSQL servers admit. Source of the plans: DigitalOcean, "PostgreSQL limits", 2026-11-21. */

import { databaseGibibytes } from "./databases.ts";

/** Connections that a server admits when nobody sets `max_connections`. Source: PostgreSQL, runtime-config-connection. */
export const defaultConnections = 100;

/** Connections that a managed plan leaves to its clients, by its memory in GiB. */
const byMemory: readonly (readonly [number, number])[] = [
  [1, 22],
  [2, 47],
  [4, 97],
  [8, 197],
  [16, 397],
  [32, 797],
  [64, 997],
];

/** Connections of a managed plan, from its slug: `db-s-1vcpu-2gb`; nothing where the slug does not tell its memory. */
export function planConnections(slug: string): number | undefined {
  const memory = databaseGibibytes(slug);
  return memory === undefined ? undefined : byMemory.findLast(([gibibytes]) => gibibytes <= memory)?.[1];
}

const units: Readonly<Record<string, number>> = { B: 1, kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/**
 * Bytes of a size as PostgreSQL's settings take it: `128MB`, or a number of the setting's own unit. Source: PostgreSQL,
 * "Setting Parameters", Parameter Names and Values.
 */
export function parsePostgresSize(text: string, ownUnit: number): number | undefined {
  const [, digits, unit] = /^\s*(\d+(?:\.\d+)?)\s*(B|kB|MB|GB|TB)?\s*$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (unit === undefined ? ownUnit : (units[unit] ?? ownUnit));
}
