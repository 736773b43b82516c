/** The systems a stack can switch on: for each its settings, the secrets they need, and the facts that rules check. */
import { bowMarkDifferences, bowMarkFacts, bowMarkSecrets, bowMarkSetting } from "../systems/bowmark/settings.ts";
import { caracalDifferences, caracalFacts, caracalSecrets, caracalSetting } from "../systems/caracal/settings.ts";
import { dotdoDifferences, dotdoFacts, dotdoSecrets, dotdoSetting } from "../systems/dotdo/settings.ts";
import { gxDifferences, gxFacts, gxSecrets, gxSetting } from "../systems/gx/settings.ts";
import type { systemNames } from "./keys.ts";
import { hermesDifferences, hermesFacts, hermesSecrets, hermesSetting } from "../systems/hermes/settings.ts";

export const systems = {
  hermes: { setting: hermesSetting, secrets: hermesSecrets, facts: hermesFacts, differences: hermesDifferences },
  gx: { setting: gxSetting, secrets: gxSecrets, facts: gxFacts, differences: gxDifferences },
  dotdo: { setting: dotdoSetting, secrets: dotdoSecrets, facts: dotdoFacts, differences: dotdoDifferences },
  bowmark: { setting: bowMarkSetting, secrets: bowMarkSecrets, facts: bowMarkFacts, differences: bowMarkDifferences },
  caracal: { setting: caracalSetting, secrets: caracalSecrets, facts: caracalFacts, differences: caracalDifferences },
} satisfies Record<(typeof systemNames)[number], unknown>;
