/** The systems a stack can switch on: for each its settings, the secrets they need, and the facts that rules check. */
import { bowMarkSlice } from "../systems/bowmark/facts.ts";
import { caracalSlice } from "../systems/caracal/facts.ts";
import { dotdoSlice } from "../systems/dotdo/facts.ts";
import { gxSlice } from "../systems/gx/facts.ts";
import { hermesSlice } from "../systems/hermes/facts.ts";
import type { systemNames } from "./reading/keys.ts";

export const systems = {
  hermes: hermesSlice,
  gx: gxSlice,
  dotdo: dotdoSlice,
  bowmark: bowMarkSlice,
  caracal: caracalSlice,
} satisfies Record<(typeof systemNames)[number], unknown>;
