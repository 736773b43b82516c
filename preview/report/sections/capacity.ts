/** The section of capacity: whether all pods find a node. */
import type { Capacity, Load } from "../../review/capacity/capacity.ts";
import type { Review } from "../../review/review.ts";
import type { Cell, Section, Tone } from "../section.ts";

/** The section; undefined if no node is known, as the stack makes no cluster and is told of no pool. */
export function capacitySection({ capacity }: Pick<Review, "capacity">): Section | undefined {
  const { pools, findings, uncounted, unknown } = capacity;
  if (pools.length + unknown.length === 0) return undefined;
  const charts = uncounted.length === 0 ? [] : [`pods of ${uncounted.join(", ")}, whose charts are not this program's`];
  const left = [...charts, ...unknown];
  return {
    id: "capacity",
    title: "Capacity",
    verdict: verdict(capacity),
    note:
      "what pods request of what nodes have, from the fewest to the most; at rest, with a node drained, during an update, and at the end of " +
      "every autoscaler",
    items: [
      ...findings.map(({ level, urn, resource, text, fix, setting, page, isNew }) => ({
        tone: level === "problem" ? ("bad" as const) : ("warn" as const),
        what: level,
        resource: { urn, label: resource },
        text: isNew === true ? `${text}; new with this change` : text,
        fix,
        ...(setting !== undefined && { setting }),
        ...(page !== undefined && { page }),
      })),
      ...left.map((text) => ({ tone: "faint" as const, what: "not counted", text })),
    ],
    table: {
      head: ["pool", "nodes", "CPU requested", "memory requested", "volumes"],
      rows: pools.map(({ pool, min, max }) => [
        { text: pool.name, urn: pool.urn },
        `${range(String(pool.min), String(pool.max))} × ${pool.size}`,
        requested(min, max, "milliCpu"),
        requested(min, max, "mebibytes"),
        volumes(min, max),
      ]),
    },
  };
}

function verdict({ findings, pools, unknown }: Capacity): Section["verdict"] {
  if (pools.length === 0) return { text: "not known", tone: "plain" };
  const problems = findings.filter(({ level }) => level === "problem").length;
  const warnings = findings.length - problems;
  const parts = [
    ...(problems > 0 ? [`${problems} never ${problems === 1 ? "runs" : "run"}`] : []),
    ...(warnings > 0 ? [`${warnings} may have to wait`] : []),
  ];
  if (parts.length === 0)
    return { text: unknown.length === 0 ? "everything fits" : "what is counted fits", tone: "good" };
  return { text: parts.join(", "), tone: problems > 0 ? "bad" : "warn" };
}

/** `76 % to 91 %`: at the smallest and at the largest numbers of pods and nodes. */
function requested(min: Load, max: Load, what: "milliCpu" | "mebibytes"): Cell {
  const share = ({ requested: sum, room }: Load) => (room === undefined ? undefined : sum[what] / room[what]);
  const text = (part: number | undefined) => (part === undefined ? "?" : `${Math.round(100 * part)} %`);
  // What is needed at rest, of all that the pool may grow to: the rest never runs.
  const atRest = max.room === undefined ? 0 : min.requested[what] / max.room[what];
  return { text: range(text(share(min)), text(share(max))), tone: tone(atRest, share(min), share(max)) };
}

function volumes(min: Load, max: Load): Cell {
  const room = range(String(min.volumesRoom), String(max.volumesRoom));
  const tones = [min.volumes / max.volumesRoom, min.volumes / min.volumesRoom] as const;
  return { text: `${min.volumes} of ${room}`, tone: tone(...tones) };
}

function tone(never: number, ...sometimes: readonly (number | undefined)[]): Tone {
  if (never > 1) return "bad";
  return sometimes.some((share = 0) => share > 1) ? "warn" : "plain";
}

function range(min: string, max: string): string {
  return min === max ? min : `${min} to ${max}`;
}
