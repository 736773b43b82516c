/** The systems a stack can switch on: for each its settings, the secrets they need, and the facts that rules check. */
import type { z } from "zod";
import { bowMarkSlice } from "../systems/bowmark/facts.ts";
import { caracalSlice } from "../systems/caracal/facts.ts";
import { dotdoSlice } from "../systems/dotdo/facts.ts";
import { gxSlice } from "../systems/gx/facts.ts";
import { hermesSlice } from "../systems/hermes/facts.ts";
import type { SystemOn } from "./secrets.ts";

/** By the key of their settings, in the order of the documents. */
export const systems = {
  hermes: hermesSlice,
  gx: gxSlice,
  dotdo: dotdoSlice,
  bowmark: bowMarkSlice,
  caracal: caracalSlice,
};

type Systems = typeof systems;
export type SystemName = keyof Systems;
export const systemNames = Object.keys(systems) as SystemName[];

/** Those that are on. */
export type SystemsOn = {
  readonly [Name in SystemName]?: SystemOn<
    z.infer<Systems[Name]["setting"]>,
    z.infer<ReturnType<Systems[Name]["secrets"]>>
  >;
};
