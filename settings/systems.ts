/** The systems a stack can switch on: for each its settings, the secrets they need, and the facts that rules check. */
import { bowMarkFacts, bowMarkSecrets, bowMarkSetting } from "../systems/bowmark/settings.ts";

export const systems = {
  bowmark: { setting: bowMarkSetting, secrets: bowMarkSecrets, facts: bowMarkFacts },
};
