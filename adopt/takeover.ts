/** Looks at what is there, and works out what it takes to take it over. Changes nothing. */
import { readFileSync } from "node:fs";
import { configOf, type Patch } from "../graph/render/configuration.ts";
import type { Resource } from "../graph/resource.ts";
import { byUrn } from "../graph/stack.ts";
import { readWaivers } from "../policy/waivers.ts";
import { origin } from "../preview/base.ts";
import { review, type Review } from "../preview/review/review.ts";
import { settingsKey } from "../preview/review/setting.ts";
import { readStackFile } from "../settings/reading/stack-file.ts";
import { parseSettings } from "../systems/settings.ts";
import type { StackConfig } from "../settings/index.ts";
import { agree, type Agreed } from "./agree/agree.ts";
import { patchOf } from "./agree/suggestion.ts";
import { openGround, type Ground, type Places } from "./ground/ground.ts";
import { importFiles, type Imports } from "./import-file.ts";
import { standing } from "./match/match.ts";
import { neighbours, type Neighbour } from "./neighbours.ts";
import { preparation, type Preparation } from "./preparation.ts";
import { takenOver, type TakenOver } from "./report/secrets.ts";

/** What a takeover is about. */
export interface Asked extends Places {
  readonly stack: string;
  /** Key of the settings of the one system that is taken over; undefined for the whole stack. */
  readonly system: string | undefined;
  /** Paths of settings that are not to be suggested. */
  readonly refuse: readonly string[];
  /** Changes to the stack file. @default - as it is */
  readonly patch?: Patch;
}

/** Everything that a takeover has to know. */
export interface Takeover {
  readonly agreed: Agreed;
  /** The update after the import, compared with what is there. */
  readonly review: Review;
  readonly preparation: Preparation;
  readonly neighbours: readonly Neighbour[];
  readonly imports: Imports;
  /** Passwords and keys of the cluster that the stack's secrets take over. */
  readonly secrets: readonly TakenOver[];
  readonly ground: Ground;
}

/**
 * Looks, and only looks.
 *
 * @throws {Explained} if the settings are wrong, or the cluster that was named cannot be reached
 */
export async function takeover({ stack, system, refuse, patch = {}, ...places }: Asked): Promise<Takeover> {
  const file = readStackFile(stack);
  const { platform } = parseSettings(stack, configOf(file.config, patch), file);
  const ground = await openGround(stack, platform, places, !refuse.includes("platform.cluster"));
  const whole = await agree({ stack, ground, refuse, patch });
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
      clusterId: ground.doks?.id,
    }),
    secrets: await secretsOf({
      stack,
      system,
      config: configOf(file.config, patchOf(agreed.suggestions, patch)),
      ground,
    }),
  };
}

async function secretsOf(of: {
  stack: string;
  system: string | undefined;
  config: StackConfig;
  ground: Ground;
}): Promise<TakenOver[]> {
  const { facts } = parseSettings(of.stack, of.config);
  const asked = Object.entries(facts).filter(([key]) => of.system === undefined || key.endsWith(`:${of.system}`));
  return (await Promise.all(asked.map(([, one]) => takenOver(of.stack, one, of.ground.cluster)))).flat();
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
