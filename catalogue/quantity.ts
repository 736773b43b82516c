/**
 * Parses Kubernetes quantities (Kubernetes API reference, "Quantity") and sizes in the settings of PostgreSQL and
 * RabbitMQ.
 */
import { Explained } from "../commands/explained.ts";

const factors: Readonly<Record<string, number>> = {
  ...{ "": 1, n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

/** A text is not a quantity; Kubernetes would refuse it too. */
export class QuantityError extends Explained {}

/**
 * A quantity as a number: 0.25 for `250m`, 1073741824 for `1Gi`, 1000 for `1e3`, 0 for undefined.
 *
 * @throws {QuantityError} if it is not a quantity
 */
function quantity(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === "number") return value;
  const text = typeof value === "string" ? value : "";
  const [, digits, unit = ""] = /^(\d+\.?\d*|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/.exec(text) ?? [];
  if (digits === undefined) throw new QuantityError(`${JSON.stringify(value)} is not a Kubernetes quantity`);
  return factors[unit] === undefined ? Number(digits + unit) : Number(digits) * factors[unit];
}

/** Whether a text is a quantity that Kubernetes accepts. */
export function isQuantity(text: string): boolean {
  try {
    return text !== "" && Number.isFinite(quantity(text));
  } catch {
    return false;
  }
}

/** Whether two values are the same quantity, however they are written: `1000m` and `1`, `1Gi` and `1024Mi`. */
export function sameQuantity(one: unknown, other: unknown): boolean {
  const [a, b] = [String(one), String(other)];
  return isQuantity(a) && isQuantity(b) && quantity(a) === quantity(b);
}

/** A quantity of CPU in thousandths: 250 for `250m`, 2000 for `2`. */
export function milliCpu(value: unknown): number {
  return Math.round(quantity(value) * 1000);
}

/** A quantity of memory or storage in bytes. */
export function bytes(value: unknown): number {
  return Math.round(quantity(value));
}

/** A quantity of memory or storage in MiB, rounded up. */
export function mebibytes(value: unknown): number {
  return Math.ceil(quantity(value) / 2 ** 20);
}

/** A quantity of storage in GiB, rounded up, as DigitalOcean sells volumes. */
export function gibibytes(value: unknown): number {
  return Math.ceil(quantity(value) / 2 ** 30);
}

/**
 * The number of pods that a disruption budget's value means.
 *
 * @param value an absolute number, or a share such as `25%`, which is rounded up as Kubernetes' disruption controller does
 * @param of number of pods that the share is of
 */
export function share(value: number | string, of: number): number {
  return typeof value === "number" ? value : Math.ceil((Number.parseFloat(value) / 100) * of);
}

const postgresUnits: Readonly<Record<string, number>> = { B: 1, kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/**
 * A size in a setting of PostgreSQL in bytes: `128MB`, or a number without a unit. Undefined if PostgreSQL would refuse
 * it. Source: PostgreSQL, "Setting Parameters", Parameter Names and Values.
 *
 * @param ownUnit bytes of the setting's own unit, which a number without a unit counts
 */
export function parsePostgresSize(text: string, ownUnit: number): number | undefined {
  const [, digits, unit] = /^\s*(\d+(?:\.\d+)?)\s*(B|kB|MB|GB|TB)?\s*$/.exec(text) ?? [];
  return digits === undefined
    ? undefined
    : Number(digits) * (unit === undefined ? ownUnit : (postgresUnits[unit] ?? ownUnit));
}

/**
 * A size in a setting of RabbitMQ in bytes: `kB`, `MB`, `GB` are decimal, `KiB`, `MiB`, `GiB` binary. Undefined if
 * RabbitMQ would refuse it. Source: RabbitMQ, "Memory Threshold and Limit", information units.
 */
export function parseRabbitMqSize(text: string): number | undefined {
  const [, digits, unit = ""] = /^(\d+)([kKMG](?:i?B|i)?)?$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const base = unit.includes("i") ? 1024 : 1000;
  return Number(digits) * base ** " KMG".indexOf(unit.charAt(0).toUpperCase() || " ");
}
