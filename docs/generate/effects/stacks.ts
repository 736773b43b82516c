/** Stacks that never were: production with some of its settings replaced, rendered. */
import type { Patch } from "../../../graph/render/configuration.ts";
import { render, type Rendering } from "../../../graph/render/render.ts";
import { isGroup } from "../../../settings/reading/group.ts";
import { project } from "../../../settings/reading/keys.ts";
import { systemNames } from "../../../systems/settings.ts";
import { readStackFile } from "../../../settings/reading/stack-file.ts";

const stack = "prod";

/** What a stack file says below `config`. */
export type Config = Readonly<Record<string, unknown>>;

/** Production with one of its systems; the platform has all. */
export function stackOf(owner: string): Config {
  const others = systemNames.filter((name) => owner !== "platform" && name !== owner);
  const gone = others.map((name) => `${project}:${name}`);
  return Object.fromEntries(Object.entries(file()).filter(([key]) => !gone.includes(key)));
}

/** The same with other settings over its own; `null` takes one away. */
export function withSettings(config: Config, over: unknown): Config {
  return merged(config, over) as Config;
}

/** The same stack as one that protects nothing. */
export function unprotected(config: Config): Config {
  return withSettings(config, { [`${project}:platform`]: { environment: "staging" } });
}

const renderings = new Map<string, Promise<Rendering>>();
/** Of the last ones: the same stack comes before many changes. */
const kept = 12;

/** @throws {SettingsError} when the settings are refused */
export function rendered(config: Config): Promise<Rendering> {
  const id = JSON.stringify(config);
  const rendering = renderings.get(id) ?? render(stack, patchTo(file(), config));
  renderings.delete(id);
  renderings.set(id, rendering);
  const [oldest] = renderings.keys();
  if (renderings.size > kept && oldest !== undefined) renderings.delete(oldest);
  return rendering;
}

let read: Config | undefined;

function file(): Config {
  return (read ??= readStackFile(stack).config);
}

/** What makes one group of settings another; `null` takes a key away. */
function patchTo(from: Config, to: Config): Patch {
  const gone = Object.keys(from).filter((key) => !(key in to));
  const set = Object.entries(to).map(([key, value]) => {
    const old = from[key];
    return [key, isGroup(old) && isGroup(value) ? patchTo(old, value) : value];
  });
  return Object.fromEntries([...set, ...gone.map((key) => [key, null])]) as Patch;
}

function merged(base: unknown, over: unknown): unknown {
  if (!isGroup(over)) return over;
  const from = isGroup(base) ? base : {};
  const keys = [...new Set([...Object.keys(from), ...Object.keys(over)])];
  const both = keys.map((key): [string, unknown] => [key, key in over ? merged(from[key], over[key]) : from[key]]);
  return Object.fromEntries(both.filter(([, value]) => value !== null));
}
