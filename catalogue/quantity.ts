/** Amounts as texts: Kubernetes quantities (Kubernetes API reference, "Quantity"), and the sizes of PostgreSQL and RabbitMQ. */

const factors: Readonly<Record<string, number>> = {
  ...{ "": 1, n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

/** A text that Kubernetes would refuse too. */
export class QuantityError extends Error {}

/**
 * `250m` is 0.25, `1Gi` is 1073741824, `1e3` is 1000; nothing is 0.
 *
 * @throws {QuantityError} when it is not a quantity
 */
function quantity(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === "number") return value;
  const text = typeof value === "string" ? value : "";
  const [, digits, unit = ""] = /^(\d+\.?\d*|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/.exec(text) ?? [];
  if (digits === undefined) throw new QuantityError(`${JSON.stringify(value)} is not a Kubernetes quantity`);
  return factors[unit] === undefined ? Number(digits + unit) : Number(digits) * factors[unit];
}

/** Whether Kubernetes would take a text for a quantity. */
export function isQuantity(text: string): boolean {
  try {
    return text !== "" && Number.isFinite(quantity(text));
  } catch {
    return false;
  }
}

/** Thousandths of a CPU. */
export function milliCpu(value: unknown): number {
  return Math.round(quantity(value) * 1000);
}

/** Bytes. */
export function bytes(value: unknown): number {
  return Math.round(quantity(value));
}

/** Mebibytes, rounded up. */
export function mebibytes(value: unknown): number {
  return Math.ceil(quantity(value) / 2 ** 20);
}

/** Gibibytes, rounded up, as volumes are sold. */
export function gibibytes(value: unknown): number {
  return Math.ceil(quantity(value) / 2 ** 30);
}

/** A share of a number of pods, such as `25%`, or an absolute number; rounded up, as the disruption controller does. */
export function share(value: number | string, of: number): number {
  return typeof value === "number" ? value : Math.ceil((Number.parseFloat(value) / 100) * of);
}

const postgresUnits: Readonly<Record<string, number>> = { B: 1, kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/**
 * Bytes of a size as PostgreSQL's settings take it: `128MB`, or a number of the setting's own unit. Source: PostgreSQL,
 * "Setting Parameters", Parameter Names and Values.
 */
export function parsePostgresSize(text: string, ownUnit: number): number | undefined {
  const [, digits, unit] = /^\s*(\d+(?:\.\d+)?)\s*(B|kB|MB|GB|TB)?\s*$/.exec(text) ?? [];
  return digits === undefined
    ? undefined
    : Number(digits) * (unit === undefined ? ownUnit : (postgresUnits[unit] ?? ownUnit));
}

/**
 * Bytes of a size as RabbitMQ reads it. Source: RabbitMQ, "Memory Threshold and Limit", information units: `kB`, `MB`, `GB` decimal,
 * `KiB`, `MiB`, `GiB` binary.
 */
export function parseRabbitMqSize(text: string): number | undefined {
  const [, digits, unit = ""] = /^(\d+)([kKMG](?:i?B|i)?)?$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const base = unit.includes("i") ? 1024 : 1000;
  return Number(digits) * base ** " KMG".indexOf(unit.charAt(0).toUpperCase() || " ");
}
