/** The program: settings → preflight → platform → systems → outputs. */
import * as pulumi from "@pulumi/pulumi";
import { Platform } from "./components/platform/platform.ts";
import type { System } from "./components/platform/system.ts";
import type { Site } from "./components/site/site.ts";
import { preflight } from "./preflight/preflight.ts";
import { systemNames, type SystemName, type SystemsOn, readSettings } from "./systems/settings.ts";
import { BowMark } from "./systems/bowmark/index.ts";
import { Caracal } from "./systems/caracal/index.ts";
import { Dotdo } from "./systems/dotdo/index.ts";
import { Gx } from "./systems/gx/index.ts";
import { Hermes } from "./systems/hermes/index.ts";

type On<Name extends SystemName> = NonNullable<SystemsOn[Name]>;

/** The class of each system, and what the names of its resources begin with: for life, as those names are. */
const classes: { readonly [Name in SystemName]: (on: On<Name>, site: Site) => System } = {
  hermes: (on, site) => new Hermes("hermes", on, site),
  gx: (on, site) => new Gx("gx", on, site),
  dotdo: (on, site) => new Dotdo("dotdo", on, site),
  bowmark: (on, site) => new BowMark("bow-mark", on, site),
  caracal: (on, site) => new Caracal("caracal", on, site),
};

function start<Name extends SystemName>(name: Name, systems: SystemsOn, site: Site): [Name, System][] {
  const on = systems[name];
  return on === undefined ? [] : [[name, classes[name](on, site)]];
}

// The provider reads it from its own environment; the SDK would also write it into the provider's inputs, for the next update to
// take away again. The first update of a stack that was taken over sets it.
Reflect.deleteProperty(process.env, "PULUMI_K8S_ENABLE_PATCH_FORCE");

// The SDK tells the engine of every call in debug messages, secrets in the clear, and `pulumi up --json` prints them.
Object.assign(pulumi.log, { debug: () => Promise.resolve() });

export default async function program(): Promise<Record<string, unknown>> {
  const given = readSettings();
  // The offline preview asks nobody.
  const settings = pulumi.runtime.hasEngine() ? await preflight(given) : given;
  const platform = new Platform("platform", settings);
  const systems = systemNames.flatMap((name) => start(name, settings.systems, platform));
  return {
    platform: platform.outputs,
    ...Object.fromEntries(systems.map(([name, { told }]) => [name, told])),
    systems: Object.fromEntries(systems.map(([name, { standing }]) => [name, standing])),
    secrets: pulumi.secret({
      platform: platform.operatorSecrets,
      ...Object.fromEntries(systems.map(([name, { operatorSecrets }]) => [name, operatorSecrets])),
    }),
  };
}
