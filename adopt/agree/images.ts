/** Images that run already: the tag of each workload, and PostgreSQL's major version, whose volume no other one can read. */
import { isMovingTag, tagOf } from "../../catalogue/image.ts";
import { kindOf } from "../../graph/resource.ts";
import { settingsKey, workloadSetting } from "../../preview/review/setting.ts";
import type { Match } from "../match/match.ts";
import type { Agree, Seen, Suggestion } from "./suggestion.ts";

interface Container {
  readonly name: string;
  readonly image: string;
}

export const images: Agree = (seen) =>
  [...seen.matches.found.values()].flatMap((match) => {
    const [wanted] = containersOf(match.resource.inputs);
    const running = containersOf(match.inputs).find(({ name }) => name === wanted?.name);
    if (wanted === undefined || running === undefined || wanted.image === running.image) return [];
    return isPostgres(wanted.image)
      ? version(seen, match, running.image)
      : tag(seen, match, wanted.image, running.image);
  });

function containersOf(inputs: Readonly<Record<string, unknown>>): readonly Container[] {
  const spec = inputs["spec"] as { template?: { spec?: { containers?: readonly Container[] } } } | undefined;
  return spec?.template?.spec?.containers ?? [];
}

/** Whether an image is PostgreSQL, wherever it is kept. */
export function isPostgres(image: string): boolean {
  return /(^|\/)postgres(:|@|$)/.test(image);
}

function version(seen: Seen, { resource }: Match, running: string): Suggestion[] {
  const key = settingsKey(resource, seen.all);
  const major = /^\d+/.exec(tagOf(running) ?? "")?.[0];
  if (key === undefined || major === undefined || kindOf(resource) !== "StatefulSet" || !isPostgres(running)) return [];
  if (containersOf(resource.inputs)[0]?.image.includes(`:${major}.`)) return [];
  return [
    { path: `${key}.database.version`, value: major, why: `${running} runs, and its volume can be read by no other` },
  ];
}

/** The tag that runs, of an image of the same name; a tag that moves tells nothing. */
function tag(seen: Seen, { resource }: Match, wanted: string, running: string): Suggestion[] {
  const path = workloadSetting(resource, seen.all);
  const current = tagOf(running);
  if (path === undefined || current === undefined || isMovingTag(current) || nameOf(wanted) !== nameOf(running))
    return [];
  if (kindOf(resource) !== "Deployment") return [];
  return [{ path: `${path}.tag`, value: current, why: `${running} runs` }];
}

function nameOf(image: string): string {
  return image.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
}
