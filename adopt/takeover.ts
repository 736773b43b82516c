/** Looks at what is there, and works out what it takes to take it over. Changes nothing. */
import { readFileSync } from "node:fs";
import { configOf } from "../graph/render/configuration.ts";
import type { Resource } from "../graph/resource.ts";
import { byUrn } from "../graph/stack.ts";
import { readWaivers } from "../policy/waivers.ts";
import { origin } from "../preview/base.ts";
import { review, type Review } from "../preview/review/review.ts";
import { settingsKey } from "../preview/review/setting.ts";
import { readStackFile } from "../settings/reading/stack-file.ts";
import { parseSettings } from "../systems/settings.ts";
import { agree, type Agreed } from "./agree/agree.ts";
import { openGround, type Ground, type Places } from "./ground/ground.ts";

import { importFiles, type Imports } from "./import-file.ts";
import { standing } from "./match/match.ts";
import { neighbours, type Neighbour } from "./neighbours.ts";
import { preparation, type Preparation } from "./preparation.ts";

/** What a takeover is about. */
export interface Asked extends Places {
  readonly stack: string;
  /** Key of the settings of the one system that is taken over; undefined for the whole stack. */
  readonly system: string | undefined;
  /** Paths of settings that are not to be suggested. */
  readonly refuse: readonly string[];
}

/** Everything that a takeover has to know. */
export interface Takeover {
  readonly agreed: Agreed;
  /** The update after the import, compared with what is there. */
  readonly review: Review;
  readonly preparation: Preparation;
  readonly neighbours: readonly Neighbour[];
  readonly imports: Imports;
  readonly ground: Ground;
}

/**
 * Looks, and only looks.
 *
 * @throws {Explained} if the settings are wrong, or the cluster that was named cannot be reached
 */
export async function takeover({ stack, system, refuse, ...places }: Asked): Promise<Takeover> {
  const file = readStackFile(stack);
  const { platform } = parseSettings(stack, configOf(file.config), file);
  const ground = await openGround(stack, platform, places);
  const whole = await agree(stack, ground, refuse);
  const all = byUrn(whole.resources);
  const isAsked = (resource: Resource) => system === undefined || settingsKey(resource, all) === system;
  const agreed = system === undefined ? whole : narrowedTo(system, whole, isAsked);
  const { rendering, resources, matches } = agreed;
  const base = { reference: "what is there", resources: standing(resources, matches, isAsked) };
  return {
    ...{ agreed, ground },
    review: review(rendering, readWaivers(), base, origin()),
    preparation: preparation(matches.found.values()),
    neighbours: await neighbours(agreed, ground.cluster),
    imports: importFiles({
      ...{ resources, found: matches.found, versions: packageVersions() },
      clusterId: ground.doks === undefined ? undefined : String(ground.doks["id"]),
    }),
  };
}

/** What is about one system alone. */
function narrowedTo(system: string, agreed: Agreed, isAsked: (resource: Resource) => boolean): Agreed {
  const { matches, suggestions } = agreed;
  return {
    ...agreed,
    matches: { ...matches, found: new Map([...matches.found].filter(([, { resource }]) => isAsked(resource))) },
    suggestions: suggestions.filter(({ path }) => path.startsWith(`${system}.`)),
  };
}

/** Versions of the providers' packages, which are those of the providers. */
function packageVersions(): Record<string, string> {
  const version = (name: string) => {
    const text = readFileSync(new URL(`../node_modules/@pulumi/${name}/package.json`, import.meta.url), "utf8");
    return (JSON.parse(text) as { version: string }).version;
  };
  return { kubernetes: version("kubernetes"), digitalocean: version("digitalocean") };
}
