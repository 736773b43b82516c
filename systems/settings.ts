/** The systems a stack can switch on, and the one reader of what a stack says of them and of its platform. */
import { settingsReader, type SystemsOn as Chosen } from "../settings/index.ts";
import { bowMarkSlice } from "./bowmark/facts.ts";
import { caracalSlice } from "./caracal/facts.ts";
import { dotdoSlice } from "./dotdo/facts.ts";
import { gxSlice } from "./gx/facts.ts";
import { hermesSlice } from "./hermes/facts.ts";

/** By the key of their settings, in the order of the documents. */
export const systems = {
  hermes: hermesSlice,
  gx: gxSlice,
  dotdo: dotdoSlice,
  bowmark: bowMarkSlice,
  caracal: caracalSlice,
};

export type SystemName = keyof typeof systems;
export const systemNames = Object.keys(systems) as SystemName[];

/** Those that are on. */
export type SystemsOn = Chosen<typeof systems>;

export const { readSettings, parseSettings } = settingsReader(systems);
