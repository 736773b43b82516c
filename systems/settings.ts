/** The systems that a stack can switch on, and the functions that read the settings of a stack with them. */
import { settingsReader, type SystemsOn as Chosen } from "../settings/index.ts";
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

export const { readSettings, parseSettings } = settingsReader(systems);
