/** The program with each system several times, in namespaces and under names of their own: as large a stack as one likes. */
import { Platform } from "../../components/platform/platform.ts";
import type { System } from "../../components/platform/system.ts";
import type { Site } from "../../components/site/site.ts";
import type { SystemOn } from "../../settings/secrets.ts";
import { BowMark } from "../../systems/bowmark/index.ts";
import { Caracal } from "../../systems/caracal/index.ts";
import { Dotdo } from "../../systems/dotdo/index.ts";
import { Gx } from "../../systems/gx/index.ts";
import { Hermes } from "../../systems/hermes/index.ts";
import { readSettings, type SystemsOn } from "../../systems/settings.ts";

/** A program for the mock monitor. The first copy is the stack as it is. */
export function copiesOf(copies: number): () => Promise<Record<string, unknown>> {
  return () => {
    const settings = readSettings();
    const platform = new Platform("platform", settings);
    for (let i = 0; i < copies; i += 1) start(settings.systems, platform, i);
    return Promise.resolve({ platform: platform.outputs });
  };
}

function start({ hermes, gx, dotdo, bowmark, caracal }: SystemsOn, site: Site, i: number): System[] {
  const name = (own: string) => (i === 0 ? own : `${own}-${i}`);
  return [
    ...(hermes === undefined ? [] : [new Hermes(name("hermes"), copy(hermes, i), site)]),
    ...(gx === undefined ? [] : [new Gx(name("gx"), copy(gx, i), site)]),
    ...(dotdo === undefined ? [] : [new Dotdo(name("dotdo"), copy(dotdo, i), site)]),
    ...(bowmark === undefined ? [] : [new BowMark(name("bow-mark"), copy(bowmark, i), site)]),
    ...(caracal === undefined ? [] : [new Caracal(name("caracal"), copy(caracal, i), site)]),
  ];
}

/** What a stack says of a system, for a copy in a namespace of its own. */
function copy<Setting, Secret>(on: SystemOn<Setting, Secret>, i: number): SystemOn<Setting, Secret> {
  const { namespace } = on.facts;
  return i === 0 ? on : { ...on, facts: { ...on.facts, namespace: { ...namespace, name: `${namespace.name}-${i}` } } };
}
