/** Times of an update as ranges, where they come from, and in words. Pure. */
import digitalocean from "../../../catalogue/durations/digitalocean.json" with { type: "json" };
import kubernetes from "../../../catalogue/durations/kubernetes.json" with { type: "json" };

/** A time in seconds. */
export interface Seconds {
  readonly usual: number;
  /** What it takes at most, as long as nothing fails. */
  readonly worst: number;
}

/** How long something takes, by what it is: `KubernetesCluster create`. */
export type Durations = Readonly<Record<string, Seconds>>;

/** DigitalOcean's and Kubernetes' usual times. `catalogue/durations` has the source of each. */
export const usualDurations: Durations = { ...digitalocean.rows, ...kubernetes.rows };

/** The older date of the two tables: `2026-11-28`. */
export const durationsAsOf = [digitalocean.asOf, kubernetes.asOf].toSorted()[0] ?? "";

export const noTime: Seconds = { usual: 0, worst: 0 };

/**
 * The first row that the table has.
 *
 * @returns no time if it has none of them
 */
export function row(durations: Durations, ...names: readonly string[]): Seconds {
  const { usual, worst } = names.map((name) => durations[name]).find((found) => found !== undefined) ?? noTime;
  // Without the source, which stands beside them in the table.
  return { usual, worst };
}

/** One after the other. */
export function sum(...all: readonly Seconds[]): Seconds {
  return all.reduce((a, b) => ({ usual: a.usual + b.usual, worst: a.worst + b.worst }), noTime);
}

/** Side by side, until the last has ended. */
export function longest(...all: readonly Seconds[]): Seconds {
  return all.reduce((a, b) => ({ usual: Math.max(a.usual, b.usual), worst: Math.max(a.worst, b.worst) }), noTime);
}

export function times(count: number, { usual, worst }: Seconds): Seconds {
  return { usual: count * usual, worst: count * worst };
}

/** A time in words: `about 40 s`, `10 to 60 s`, `30 s to 3 minutes`, `a moment`. */
export function inWords({ usual, worst }: Seconds): string {
  if (worst < 5) return "a moment";
  const [low, high] = [rounded(usual, worst), rounded(worst, worst)];
  if (low.text === high.text) return `about ${high.text}`;
  return low.unit === high.unit ? `${low.amount} to ${high.text}` : `${low.text} to ${high.text}`;
}

/** A range up to 100 seconds is told in seconds, in steps of 5; in a longer one, only what is less than a minute. */
function rounded(seconds: number, worst: number): { amount: number; unit: string; text: string } {
  const inSeconds = Math.max(5, Math.round(seconds / 5) * 5);
  if (inSeconds < (worst < 98 ? 100 : 55)) return { amount: inSeconds, unit: "s", text: `${inSeconds} s` };
  const minutes = Math.max(1, Math.round(seconds / 60));
  return { amount: minutes, unit: "minutes", text: minutes === 1 ? "a minute" : `${minutes} minutes` };
}
