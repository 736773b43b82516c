/** How a preview ends: the exit code that its options ask for, and the line that says why. Pure. */
import type { Danger } from "./review/danger.ts";

/** The options that make a preview fail. */
export interface FailOn {
  readonly failOnDataLoss?: true;
  readonly failOnPolicy?: true;
  readonly failOnExposure?: true;
  readonly failOnAvailability?: true;
  readonly failOnCapacity?: true;
}

interface Check {
  readonly option: keyof FailOn;
  readonly flag: string;
  readonly code: number;
  /** The dangers that it fails for. */
  readonly counts: (danger: Danger) => boolean;
  /** Whether only a change can be so, and not a stack by itself. */
  readonly ofChange: boolean;
  /** What is wrong, followed by the resources. */
  readonly says: string;
}

/** In the order in which they count: the exit code is that of the first that fails. */
export const checks: readonly Check[] = [
  {
    ...{ option: "failOnDataLoss", flag: "--fail-on-data-loss", code: 3, ofChange: true },
    // A protection that is only weaker, such as one replica less, loses no data.
    counts: ({ kind, level }) => kind === "data" || (kind === "protection" && level === "stop"),
    says: "data or its protection is in danger",
  },
  {
    ...{ option: "failOnPolicy", flag: "--fail-on-policy", code: 4, counts: ({ kind }) => kind === "policy" },
    ...{ ofChange: false, says: "a mandatory rule is broken" },
  },
  {
    ...{ option: "failOnExposure", flag: "--fail-on-exposure", code: 7, counts: ({ kind }) => kind === "exposure" },
    ...{ ofChange: true, says: "what the internet reaches changes" },
  },
  {
    ...{
      option: "failOnAvailability",
      flag: "--fail-on-availability",
      code: 6,
      counts: ({ kind }) => kind === "availability",
    },
    ...{ ofChange: true, says: "something would be away" },
  },
  {
    ...{ option: "failOnCapacity", flag: "--fail-on-capacity", code: 5, counts: ({ kind }) => kind === "capacity" },
    ...{ ofChange: false, says: "not everything finds a node" },
  },
];

/** How a preview ends. */
export interface Verdict {
  readonly code: number;
  readonly reason: string;
}

/** The first check that fails gives the code; the reason names all that do, or what is in danger although none was asked for. */
export function verdict(dangers: readonly Danger[], failOn: FailOn): Verdict {
  const found = checks
    .map((check) => ({ ...check, dangers: dangers.filter(check.counts) }))
    .filter((check) => check.dangers.length > 0);
  const failed = found.filter(({ option }) => failOn[option] === true);
  const reason = (some: typeof found) => some.map((one) => `${one.says}: ${resources(one.dangers)} (${one.flag})`);
  const [first] = failed;
  if (first !== undefined) return { code: first.code, reason: reason(failed).join("; ") };
  if (found.length === 0) return { code: 0, reason: "nothing is in danger" };
  return { code: 0, reason: `shown, and no option makes it fail though ${reason(found).join("; ")}` };
}

function resources(dangers: readonly Danger[]): string {
  const names = [...new Set(dangers.map(({ resource }) => resource))];
  const [first = ""] = names;
  return names.length === 1 ? first : `${first} and ${names.length - 1} more`;
}
