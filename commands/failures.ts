/** What a command prints and returns when it fails: never a stack trace, unless somebody asks for one. */
import { styleText } from "node:util";
import { Explained } from "./explained.ts";

/** A command line that is wrong: an unknown option, stack or setting. */
export class UsageError extends Explained {}

/** Exit codes of failures that every command has. Those of a command's own findings are in its help. */
const exitCodes = { failed: 1, usage: 2, defect: 70 } as const;

/** Environment variable that makes every command print the stack trace of an error. */
export const traceVariable = "DOKS_TRACE";

/** A failure as people see it. */
export interface Failure {
  readonly code: number;
  /** Ends with the exit code, or with a line of it. */
  readonly text: string;
}

/**
 * What an error means.
 *
 * @param commandLine what the user typed, to say how the trace can be had
 */
export function failureOf(error: unknown, commandLine: string, env: NodeJS.ProcessEnv = process.env): Failure {
  if (env[traceVariable] !== undefined) {
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return withCode(error instanceof UsageError ? exitCodes.usage : codeOf(error), trace);
  }
  if (isExplained(error)) return withCode(codeOf(error), error.message);
  const ofSystem = systemError(error);
  if (ofSystem !== undefined) return withCode(exitCodes.failed, ofSystem);
  const what = error instanceof Error ? `${error.name}: ${error.message.split("\n")[0] ?? ""}` : String(error);
  return withCode(
    exitCodes.defect,
    `a mistake in this program, not in what you typed: ${what}. Report it with the output of \`${traceVariable}=1 ${commandLine}\``,
  );
}

function codeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage;
  return isExplained(error) || systemError(error) !== undefined ? exitCodes.failed : exitCodes.defect;
}

/** A text of one line is the reason itself; below a longer one stands the code alone. */
function withCode(code: number, text: string): Failure {
  return { code, text: text.includes("\n") ? `${text}\n${styleText("bold", `exit ${code}`)}` : lastLine(code, text) };
}

/** The last line of a command: its exit code, and why. */
export function lastLine(code: number, reason: string): string {
  return `${styleText("bold", `exit ${code}`)}: ${reason}`;
}

/** Errors of the settings are those that Pulumi's engine prints without a trace too; its SDK knows them by this field. */
function isExplained(error: unknown): error is Error {
  return error instanceof Explained || (error instanceof Error && "__pulumiRunError" in error);
}

/** What the operating system's refusals mean, by their code. Source: errno(3). */
const refusals: Readonly<Record<string, string>> = {
  EACCES: "you have no right to it",
  EPERM: "you have no right to it",
  EROFS: "it is on a disk that is read-only",
  ENOSPC: "there is no space left on the disk",
  EDQUOT: "your quota of the disk is used up",
  ENOENT: "it does not exist",
  ENOTDIR: "a part of its path is a file, not a folder",
  EEXIST: "it is a file already, not a folder",
  EISDIR: "it is a folder, not a file",
  ENOTEMPTY: "the folder is not empty",
  EMFILE: "too many files are open; raise the limit with ulimit -n",
  EADDRINUSE: "another program uses this port; end it, or try again",
  EADDRNOTAVAIL: "this machine has no such address",
  ECONNREFUSED: "nothing answers there",
  ENOMEM: "there is no memory left",
};

function systemError(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return undefined;
  const { code, syscall, path, port } = error as NodeJS.ErrnoException & { port?: number };
  const meaning = refusals[code ?? ""];
  if (meaning === undefined) return undefined;
  const what = path ?? (port === undefined ? "the output" : `port ${port}`);
  return `${what}: ${meaning} (${code ?? ""}, ${syscall ?? ""})`;
}
