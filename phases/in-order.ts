/** A whole update, in phases where images must be pushed in between. */
import { imagesMissing, type Phase } from "../commands/declarations.ts";
import { lastLine } from "../commands/failures.ts";
import { pinnedImages } from "../components/site/images.ts";
import { podsOf } from "../graph/pods.ts";
import type { Rendering } from "../graph/render/render.ts";
import { ImagesMissing, lookFor, type Access, type MissingImage } from "../preflight/images/check.ts";
import { isOwnWorkload, ownImages } from "./own-images.ts";
import { phaseOptions } from "./options.ts";

/** What an update needs from whoever runs it. */
export interface Runner {
  /** Whom to ask registries as. */
  readonly access: Access;
  /** URNs in the stack's state; empty if there is no state yet. Called only if images are missing. */
  readonly known: () => Promise<ReadonlySet<string>>;
  /** Runs `pulumi up` with these options, and returns its exit code. */
  readonly update: (options: readonly string[]) => Promise<number>;
  readonly say: (text: string) => void;
  /** The command that goes on, as people type it. */
  readonly again: string;
}

/**
 * Updates a stack. If an image of the team's own is in no registry, a first update makes the platform and then what holds data,
 * so that there is a registry to push to, and stops there. A stack whose workloads run already is left alone instead: it has
 * its registry, and half of an update would not help.
 *
 * @returns the exit code
 */
export async function updateInOrder(rendering: Rendering, runner: Runner): Promise<number> {
  const { say, update, again } = runner;
  const missing = await missingImages(rendering, runner.access);
  if (missing.length === 0) return update([]);
  if (await hasWorkloads(rendering, runner)) return stop(missing, `nothing was changed; once they are there: ${again}`);
  for (const phase of ["platform", "data"] as const satisfies readonly Phase[]) {
    say(`${missing.length} images are to be pushed, so first comes phase ${phase}`);
    const code = await update(phaseOptions(phase, rendering));
    if (code !== 0) return code;
  }
  // A pipeline may have pushed them meanwhile.
  const still = await missingImages(rendering, runner.access);
  return still.length === 0 ? update([]) : stop(still, `platform and data are there; once the images are: ${again}`);

  function stop(images: readonly MissingImage[], next: string): number {
    say(new ImagesMissing(images, next).message);
    say(lastLine(imagesMissing, "images must be pushed first"));
    return imagesMissing;
  }
}

async function missingImages(rendering: Rendering, access: Access): Promise<readonly MissingImage[]> {
  const own = ownImages(rendering.resources, pinnedImages(rendering.platform.images));
  return (await lookFor([...own.keys()], rendering, access)).missing;
}

/** Whether the state has a workload with one of the team's own images: then this is no first update. */
async function hasWorkloads({ resources, platform }: Rendering, { known }: Runner): Promise<boolean> {
  const pinned = pinnedImages(platform.images);
  const urns = await known();
  return podsOf(resources).some((pods) => isOwnWorkload(pods, pinned) && urns.has(pods.owner.urn));
}
