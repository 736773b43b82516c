/** The facts of all systems. */
import { bowmark } from "./bowmark.ts";
import { caracal } from "./caracal.ts";
import { dotdo } from "./dotdo.ts";
import type { Facts } from "./fact.ts";
import { gx } from "./gx.ts";
import { hermes } from "./hermes.ts";

export const allFacts: readonly Facts[] = [hermes, gx, dotdo, bowmark, caracal];
