/**
 * What may stand at the end of a command line, one word a line: `node commands/completion/candidates.ts 'npm run preview -- pr'`.
 * A shell asks at each TAB, so it loads little, and says nothing where it knows nothing.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { declarations } from "../declarations.ts";
import { stackNames } from "../stacks.ts";
import { settingsBelow, systemKeys } from "./settings.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Words that may take the place of the last one in a line; an empty last word is the one that is about to be typed. */
export function candidates(line: string): string[] {
  const [, , script, ...words] = line.trimStart().split(/\s+/);
  const typed = words.at(-1);
  if (script === undefined || typed === undefined) return beginning(scripts(), script ?? "");
  const declared = Object.entries(declarations).find(([name]) => name === script)?.[1]();
  if (declared === undefined) return [];
  const separator = words.indexOf("--");
  const isOver = separator >= 0 && separator < words.length - 1;
  const given = words.slice(separator + 1, -1);
  const own = ofCommand(declared, given, typed);
  // Before the separator options are npm's.
  return beginning(isOver ? own : ["--", ...own.filter((word) => !word.startsWith("-"))], typed);
}

function ofCommand(command: Command, given: readonly string[], typed: string): string[] {
  const options = command.createHelp().visibleOptions(command);
  const [name = "", value] = typed.split("=");
  const taker = options.find(
    ({ long, required }) => required && (long === given.at(-1) || (value !== undefined && long === name)),
  );
  if (taker !== undefined) {
    const values = taker.argChoices ?? valuesOf(/<(\w+)>/.exec(taker.flags)?.[1] ?? "", value ?? typed);
    return value === undefined ? values : values.map((one) => `${name}=${one}`);
  }
  if (typed.startsWith("-")) return options.flatMap(({ long }) => long ?? []).filter((long) => !given.includes(long));
  const taking = new Set(options.filter(({ required }) => required).map(({ long }) => long));
  const place = given.filter((word, i) => !word.startsWith("-") && !taking.has(given[i - 1])).length;
  const args = command.registeredArguments;
  const argument = args[place] ?? (args.at(-1)?.variadic === true ? args.at(-1) : undefined);
  return argument === undefined ? [] : (argument.argChoices ?? valuesOf(argument.name(), typed));
}

/** What a placeholder stands for. Of folders the shell knows more. */
function valuesOf(placeholder: string, typed: string): string[] {
  switch (placeholder) {
    case "stack":
    case "stacks":
    case "name":
      return stackNames(root);
    case "system":
      return systemKeys(root);
    case "setting":
      return settingsBelow(root, typed);
    case "ref":
      return ["HEAD", ...references()];
    default:
      return [];
  }
}

function references(): string[] {
  const args = ["for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags"];
  return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).split("\n");
}

function scripts(): string[] {
  const { scripts: all } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as { scripts: object };
  return Object.keys(all);
}

function beginning(words: readonly string[], typed: string): string[] {
  return words.filter((word) => word !== "" && word.startsWith(typed));
}

if (import.meta.main) {
  try {
    console.log(candidates(process.argv[2] ?? "").join("\n"));
  } catch {
    // A completion that fails completes nothing.
  }
}
