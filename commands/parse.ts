/** Declares what a command takes, and reads its command line. Parsing, help and suggestions are commander's. */
import { Command, CommanderError } from "commander";
import { UsageError } from "./failures.ts";
import { checkStack, stackNames } from "./stacks.ts";
import { swallowed } from "./swallowed.ts";

/**
 * A command without arguments and options, which are added by commander's own methods. The name in a placeholder says what
 * it is, so that it can be checked and completed: `<stack>`, `<system>`, `<setting>`, `<ref>`, `<folder>`.
 *
 * @param name of the script in `package.json`
 * @param summary one sentence
 */
export function declare(name: string, summary: string): Command {
  return new Command(name).description(summary).helpOption("-h, --help", "shows this").exitOverride();
}

/**
 * A command line with the command's own options before its arguments. A command that hands options on to another program reads
 * none behind its first argument, but people type them in any order: `prod --yes --phase data`.
 */
export function ownFirst(command: Command, argv: readonly string[]): string[] {
  const own: string[] = [];
  const others: string[] = [];
  const left = [...argv];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const name = word.split("=")[0];
    const option = command.options.find(({ long }) => long === name);
    if (option === undefined) others.push(word);
    // Nothing else, so that the parser sees that its value is missing.
    else if (option.required && word === name && left.length === 0) return [word];
    else own.push(word, ...(option.required && word === name ? left.splice(0, 1) : []));
  }
  return [...own, ...others];
}

/** What a command line says. */
export interface Given<Options> {
  readonly args: readonly string[];
  readonly options: Options;
}

/**
 * Reads a command line.
 *
 * @returns undefined if it asked for help, which has been printed
 * @throws {UsageError} if anything in it is unknown, missing or was taken by npm
 */
export function parsed<Options extends object>(command: Command, argv: readonly string[]): Given<Options> | undefined {
  const taken = swallowed(command, argv);
  if (taken !== undefined) throw new UsageError(taken);
  const name = command.name();
  command.name(`npm run ${name} --`).configureOutput({ outputError: () => undefined });
  try {
    command.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return undefined;
    throw new UsageError(`${explained(error)}; npm run ${name} -- --help shows what there is`);
  }
  for (const stack of stacksIn(command)) checkStack(stack);
  return { args: command.args, options: command.opts<Options>() };
}

function explained({ code, message }: CommanderError): string {
  const text = message
    .replace(/^error: /, "")
    .replaceAll("\n", " ")
    .replace(/\.$/, "");
  if (code !== "commander.missingArgument" || !text.includes("'stack'")) return text;
  return `name a stack: there are ${stackNames().join(", ")}`;
}

/** The values that stand where a stack is expected. */
function stacksIn(command: Command): string[] {
  const args = command.registeredArguments.flatMap((argument, i) => {
    if (argument.name() !== "stack") return [];
    return argument.variadic ? command.args.slice(i) : command.args.slice(i, i + 1);
  });
  const options = command.options
    .filter(({ flags }) => flags.includes("<stack>"))
    .map((option) => command.getOptionValue(option.attributeName()) as unknown);
  return [...args, ...options].filter((value) => typeof value === "string");
}
