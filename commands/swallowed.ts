/**
 * Options that npm has taken for itself. Of `npm run preview prod --base main`, without the `--` that ends npm's own options,
 * the command gets `prod main` only, and npm's warning is not seen. What npm took, it puts into the environment. Pure but for
 * npm's configuration files.
 */
import type { Command, Option } from "commander";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { nearest } from "../settings/reading/nearest.ts";
import { stackNames } from "./stacks.ts";

/** Options of Pulumi that commands hand on, and which change what is done. */
const engineOptions = ["refresh", "target", "target-dependents", "replace", "exclude", "skip-preview", "diff", "yes"];
const handOn = ["up", "preview:engine", "sandbox"];

interface Taken {
  /** Name of the option, without dashes. */
  readonly name: string;
  /** Value that npm understood; `true` where it took none. */
  readonly value: string;
  /** The option that it is, or is meant to be; undefined for one of Pulumi's. */
  readonly option: Option | undefined;
}

/**
 * What to type instead, in one sentence; undefined if npm took nothing.
 *
 * @param command whose name is that of the script
 */
export function swallowed(
  command: Command,
  argv: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const script = command.name();
  // Another script, or a test, may have started this one: then npm's options are not meant for it.
  if (env["npm_lifecycle_event"] !== script) return undefined;
  const taken = takenFrom(command, argv, env);
  if (taken.length === 0) return undefined;
  const names = taken.map(({ name }) => `--${name}`).join(" and ");
  const words = whole(command, argv, taken).join(" ");
  return `npm took ${names} for itself, because there is no -- before; type: npm run ${script} -- ${words}`;
}

function takenFrom(command: Command, argv: readonly string[], env: NodeJS.ProcessEnv): Taken[] {
  const script = command.name();
  const own = new Map(command.options.map((option) => [option.long?.slice(2) ?? "", option]));
  const given = new Set(argv.map((word) => /^--([^=]+)/.exec(word)?.[1]));
  const set = Object.entries(env).flatMap(([key, value = ""]): Taken[] => {
    const name = /^npm_config_(.+)$/.exec(key)?.[1]?.replaceAll("_", "-");
    // npm sets an option to nothing where it is off, as in `--no-color`.
    if (name === undefined || value === "" || given.has(name)) return [];
    const meant = nearest(name, [...own.keys()]);
    if (own.has(name) || (meant !== undefined && name.length > 3)) {
      return [{ name, value, option: own.get(name) ?? own.get(meant ?? "") }];
    }
    const handed = handOn.includes(script) && engineOptions.includes(name) && (name !== "yes" || value === "true");
    return handed ? [{ name, value, option: undefined }] : [];
  });
  const lasting = set.length === 0 ? new Set() : configured(env);
  return set.filter(({ name }) => !lasting.has(name));
}

/** Options in npm's configuration files, which are set whatever somebody types. */
function configured(env: NodeJS.ProcessEnv): Set<string> {
  const files = [
    env["npm_config_userconfig"],
    env["npm_config_globalconfig"],
    join(env["npm_config_local_prefix"] ?? ".", ".npmrc"),
  ];
  const texts = files.map((file) => (file !== undefined && existsSync(file) ? readFileSync(file, "utf8") : ""));
  return new Set(texts.flatMap((text) => [...text.matchAll(/^\s*([\w-]+)\s*=/gm)].map(([, name = ""]) => name)));
}

/** The words to type: npm leaves the value of `--base main` among the arguments, where it is one too many. */
function whole(command: Command, argv: readonly string[], taken: readonly Taken[]): string[] {
  const stacks = stackNames();
  const first = command.registeredArguments[0]?.name() === "stack" ? argv.findIndex((one) => stacks.includes(one)) : -1;
  const stack = first < 0 ? [] : [argv[first] ?? ""];
  const rest = argv.filter((_, i) => i !== first);
  const most = command.registeredArguments.some(({ variadic }) => variadic)
    ? Infinity
    : command.registeredArguments.length;
  const own = rest.splice(0, Math.max(0, Math.min(most, rest.length) - stack.length));
  const options = taken.flatMap(({ name, value, option }) => {
    const flag = option?.long ?? `--${name}`;
    if (value !== "true") return [flag, value];
    return option?.required === true ? [flag, rest.shift() ?? `<${option.attributeName()}>`] : [flag];
  });
  return [...stack, ...own, ...options, ...rest];
}
