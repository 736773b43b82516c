/** The systems a stack can switch on: for each its settings, the secrets they need, and the facts that rules check. */
import { bowMarkFacts, bowMarkSecrets, bowMarkSetting } from "../systems/bowmark/settings.ts";
import { caracalFacts, caracalSecrets, caracalSetting } from "../systems/caracal/settings.ts";
import { dotdoFacts, dotdoSecrets, dotdoSetting } from "../systems/dotdo/settings.ts";
import { gxFacts, gxSecrets, gxSetting } from "../systems/gx/settings.ts";
import { hermesFacts, hermesSecrets, hermesSetting } from "../systems/hermes/settings.ts";

export const systems = {
  hermes: { setting: hermesSetting, secrets: hermesSecrets, facts: hermesFacts },
  gx: { setting: gxSetting, secrets: gxSecrets, facts: gxFacts },
  dotdo: { setting: dotdoSetting, secrets: dotdoSecrets, facts: dotdoFacts },
  bowmark: { setting: bowMarkSetting, secrets: bowMarkSecrets, facts: bowMarkFacts },
  caracal: { setting: caracalSetting, secrets: caracalSecrets, facts: caracalFacts },
};
