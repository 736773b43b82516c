/** Kubernetes quantities as numbers. Source: Kubernetes API conventions, "Quantities". */

const factors: Readonly<Record<string, number>> = {
  ...{ m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 },
};

/**
 * `250m` is 0.25, `1Gi` is 1073741824; nothing is 0.
 *
 * @throws {Error} when it is not a quantity
 */
function quantity(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === "number") return value;
  const text = typeof value === "string" ? value : "";
  const [, digits, unit = ""] = /^([0-9.]+)([a-zA-Z]*)$/.exec(text) ?? [];
  const factor = unit === "" ? 1 : factors[unit];
  if (digits === undefined || factor === undefined) throw new Error(`${JSON.stringify(value)} is not a quantity`);
  return Number(digits) * factor;
}

/** Thousandths of a CPU. */
export function milliCpu(value: unknown): number {
  return Math.round(quantity(value) * 1000);
}

/** Mebibytes, rounded up. */
export function mebibytes(value: unknown): number {
  return Math.ceil(quantity(value) / 2 ** 20);
}

/** Gibibytes, rounded up, as volumes are sold. */
export function gibibytes(value: unknown): number {
  return Math.ceil(quantity(value) / 2 ** 30);
}
