/** Runs a command: the one place where a process of this project begins and ends. */
import { failureOf, traceVariable } from "./failures.ts";

/**
 * Runs the work of a command, and says why it fails.
 *
 * @param name of the script in `package.json`
 * @param work returns the exit code
 * @returns the exit code
 */
export async function ended(name: string, argv: readonly string[], work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const { code, text } = failureOf(error, commandLine(name, argv));
    console.error(text);
    return code;
  }
}

/** Runs a command with the arguments of this process, and sets the exit code of the process. */
export async function run(name: string, work: (argv: readonly string[]) => Promise<number>): Promise<void> {
  // Pulumi's SDK records a stack trace for every promise, which takes a sixth of a preview's time and which nobody sees.
  if (process.env[traceVariable] === undefined) Error.stackTraceLimit = 0;
  const argv = process.argv.slice(2);
  const die = (error: unknown) => {
    const { code, text } = failureOf(error, commandLine(name, argv));
    console.error(text);
    process.exit(code);
  };
  process.on("uncaughtException", die).on("unhandledRejection", die);
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever reads has seen enough: `npm run preview -- prod | head`.
    if (error.code === "EPIPE") process.exit(0);
    die(error);
  });
  process.exitCode = await ended(name, argv, () => work(argv));
}

/** A command as people type it: `npm run preview -- prod --base main`. */
function commandLine(name: string, argv: readonly string[]): string {
  const words = argv.map((word) => (/^[\w./:=@^~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return words.length === 0 ? `npm run ${name}` : `npm run ${name} -- ${words.join(" ")}`;
}
