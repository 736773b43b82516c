/** The program: settings → platform → systems → outputs. */
import * as pulumi from "@pulumi/pulumi";
import { Platform } from "./components/platform/platform.ts";
import { readSettings } from "./settings/index.ts";
import { BowMark } from "./systems/bowmark/index.ts";

export default function program(): Record<string, unknown> {
  const { platform: platformSetting, digitaloceanToken, systems } = readSettings();
  const platform = new Platform("platform", platformSetting, digitaloceanToken);
  const opts = { providers: [platform.provider] };

  const bowMark =
    systems.bowmark && new BowMark("bow-mark", systems.bowmark.settings, systems.bowmark.secrets, platform, opts);

  return {
    platform: platform.outputs,
    ...(bowMark && { bowmark: bowMark.outputs }),
    secrets: pulumi.secret({
      platform: platform.operatorSecrets,
      ...(bowMark && { bowmark: bowMark.operatorSecrets }),
    }),
  };
}
