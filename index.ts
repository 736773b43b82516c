/** The program: settings → preflight → platform → systems → outputs. */
import * as pulumi from "@pulumi/pulumi";
import { Platform } from "./components/platform/platform.ts";
import { preflight } from "./preflight/preflight.ts";
import { readSettings } from "./settings/index.ts";
import { BowMark } from "./systems/bowmark/index.ts";
import { Caracal } from "./systems/caracal/index.ts";
import { Dotdo } from "./systems/dotdo/index.ts";
import { Gx } from "./systems/gx/index.ts";
import { Hermes } from "./systems/hermes/index.ts";

// The SDK tells the engine of every call in debug messages, secrets in the clear, and `pulumi up --json` prints them.
Object.assign(pulumi.log, { debug: () => Promise.resolve() });

export default async function program(): Promise<Record<string, unknown>> {
  const settings = readSettings();
  const { platform: platformSetting, digitaloceanToken, systems: on } = settings;
  // The offline preview asks nobody.
  if (pulumi.runtime.hasEngine()) await preflight(settings);
  const platform = new Platform("platform", platformSetting, digitaloceanToken);

  const systems = {
    hermes: on.hermes && new Hermes("hermes", on.hermes.settings, on.hermes.secrets, platform),
    gx: on.gx && new Gx("gx", on.gx.settings, on.gx.secrets, platform),
    dotdo: on.dotdo && new Dotdo("dotdo", on.dotdo.settings, on.dotdo.secrets, platform),
    bowmark: on.bowmark && new BowMark("bow-mark", on.bowmark.settings, on.bowmark.secrets, platform),
    caracal: on.caracal && new Caracal("caracal", on.caracal.settings, on.caracal.secrets, platform),
  };
  const running = Object.entries(systems).filter(([, system]) => system !== undefined);

  return {
    platform: platform.outputs,
    ...Object.fromEntries(running.map(([name, system]) => [name, system?.outputs])),
    secrets: pulumi.secret({
      platform: platform.operatorSecrets,
      ...Object.fromEntries(running.map(([name, system]) => [name, system?.operatorSecrets])),
    }),
  };
}
