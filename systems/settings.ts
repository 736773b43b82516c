/** The systems that a stack can switch on, and the functions that read the settings of a stack with them. */
import { settingsReader, type SystemsOn as Chosen } from "../settings/index.ts";
import { platformSetting } from "../settings/platform.ts";
import { bowMarkSlice } from "./bowmark/facts.ts";
import { caracalSlice } from "./caracal/facts.ts";
import { dotdoSlice } from "./dotdo/facts.ts";
import { gxSlice } from "./gx/facts.ts";
import { hermesSlice } from "./hermes/facts.ts";

/** What each system contributes to the settings, by the key of its settings below `doks-systems:`. */
export const systems = {
  hermes: hermesSlice,
  gx: gxSlice,
  dotdo: dotdoSlice,
  bowmark: bowMarkSlice,
  caracal: caracalSlice,
};

/** Key of the settings of a system. */
export type SystemName = keyof typeof systems;
export const systemNames = Object.keys(systems) as SystemName[];

/** The systems that a stack has switched on, each with its settings, secrets and facts. */
export type SystemsOn = Chosen<typeof systems>;

/**
 * The settings of a group with their defaults.
 *
 * @param group `platform` or the key of a system
 * @param given as the stack file has it; returned as it is, if anything in it is wrong
 */
export function withDefaults(group: string, given: unknown): unknown {
  const schemas = { platform: { setting: platformSetting }, ...systems };
  const schema = Object.entries(schemas).find(([name]) => name === group)?.[1].setting;
  const result = schema?.safeParse(given);
  return result?.success === true ? result.data : given;
}

export const { readSettings, parseSettings } = settingsReader(systems);
