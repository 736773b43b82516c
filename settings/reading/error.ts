import * as pulumi from "@pulumi/pulumi";

/** One thing that is wrong with a stack's settings, said with the names and values of the stack file. */
export interface Problem {
  /** Where the setting is, as `pulumi config set --path` takes it: `doks-systems:bowmark.imageTag`. */
  readonly path: string;
  /** The value as the file has it; `not set` if it is missing, and the word `secret` for a secret. */
  readonly value: string;
  /** What is wrong with the value, as the rest of a sentence that begins with it: `is not a region with Spaces`. */
  readonly problem: string;
  /** What to do about it: a command, or a sentence that begins with a verb. */
  readonly fix: string;
  /** Paths of the other settings that the value contradicts. */
  readonly others?: readonly string[];
}

/** Gives the line of a setting in the stack file; undefined if the file does not have it. */
type LineOf = (path: string) => number | undefined;

/**
 * The error of a wrong stack file, with all of its problems. It is thrown before any resource is registered.
 *
 * It is a `RunError`, so that the engine prints the message without a stack trace.
 */
export class SettingsError extends pulumi.RunError {
  readonly problems: readonly Problem[];

  constructor(stack: string, problems: readonly Problem[], lineOf: LineOf = () => undefined) {
    super(`Pulumi.${stack}.yaml has ${listed(problems, lineOf)}`);
    this.name = "SettingsError";
    this.problems = problems;
  }
}

/** The error of a stack whose file is right but which cannot be updated: no token, no cluster, or a name that is taken. */
export class PreflightError extends pulumi.RunError {
  constructor(stack: string, problems: readonly Problem[]) {
    super(`Around stack ${stack} there ${problems.length === 1 ? "is" : "are"} ${listed(problems, () => undefined)}`);
    this.name = "PreflightError";
  }
}

/** Number of problems that an error lists; the others show once these are mended. */
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

/** The value of a setting as errors show it: JSON, cut off after 60 characters, as a value may be a whole pasted file. */
export function shown(value: unknown): string {
  if (value === undefined) return "not set";
  const text = JSON.stringify(value);
  return text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`;
}
