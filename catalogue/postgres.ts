/** What PostgreSQL servers admit. Source of the plans: DigitalOcean, "PostgreSQL limits", 2026-11-21. */

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
  const memory = Number(/-(\d+)gb$/.exec(slug)?.[1]);
  return byMemory.findLast(([gibibytes]) => gibibytes <= memory)?.[1];
}
