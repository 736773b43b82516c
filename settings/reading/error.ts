import * as pulumi from "@pulumi/pulumi";

/** One thing that is wrong with a stack's settings, in the words of whoever wrote them. */
export interface Problem {
  /** Where the setting is, as `pulumi config set --path` takes it: `doks-systems:bowmark.imageTag`. */
  readonly path: string;
  /** The value as given, never a secret one; `not set` when it is missing. */
  readonly value: string;
  /** What is wrong with it. */
  readonly problem: string;
  /** What to do about it: a command or a sentence that starts with a verb. */
  readonly fix: string;
  /** Paths of what it does not agree with. */
  readonly others?: readonly string[];
}

/** Line of a setting in the stack's file; undefined where there is none. */
type LineOf = (path: string) => number | undefined;

/**
 * The one error of a wrong stack file: every problem at once, nothing has run yet.
 *
 * A `RunError`, so that the engine prints the message without a stack trace.
 */
export class SettingsError extends pulumi.RunError {
  readonly problems: readonly Problem[];

  constructor(stack: string, problems: readonly Problem[], lineOf: LineOf = () => undefined) {
    super(`Pulumi.${stack}.yaml has ${listed(problems, lineOf)}`);
    this.name = "SettingsError";
    this.problems = problems;
  }
}

/** The error of a stack whose file is right and whose surroundings are not: no token, no cluster, something in the way. */
export class PreflightError extends pulumi.RunError {
  constructor(stack: string, problems: readonly Problem[]) {
    super(`Around stack ${stack} there ${problems.length === 1 ? "is" : "are"} ${listed(problems, () => undefined)}`);
    this.name = "PreflightError";
  }
}

/** More than these nobody reads at once; mending them shows the next. */
const mostListed = 20;

function listed(problems: readonly Problem[], lineOf: LineOf): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.slice(0, mostListed).map(({ path, value, problem, fix }) => {
    const line = lineOf(path);
    return `  ${path} (${value}): ${problem}${line === undefined ? "" : ` [line ${line}]`}\n    → ${fix}`;
  });
  const left = problems.length - mostListed;
  const more = left > 0 ? [`  … and ${left} more`] : [];
  return [`${count}; nothing was run.`, ...lines, ...more].join("\n");
}

const longestShown = 60;

/** A setting's value as an error shows it: JSON, shortened, so that a pasted file does not drown the sentence. */
export function shown(value: unknown): string {
  if (value === undefined) return "not set";
  const text = JSON.stringify(value);
  return text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`;
}
