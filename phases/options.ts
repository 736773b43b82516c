/** What a phase is to Pulumi's CLI. */
import { UsageError } from "../commands/failures.ts";
import type { Phase } from "../commands/declarations.ts";
import type { Rendering } from "../graph/render/render.ts";
import { pinnedImages } from "../components/site/images.ts";
import { targetsOf } from "./phases.ts";

/** Options of the CLI that choose resources too, with their short forms. */
const choosing = /^(--target|-t|--target-dependents|--exclude|--exclude-dependents|--target-replace|--replace)(=|$)/;

/** Whether options of the CLI choose resources, so that it is not the whole stack that is updated. */
export function chooses(options: readonly string[]): boolean {
  return options.some((option) => choosing.test(option));
}

/** Options that keep the CLI to a phase of a stack; none for the whole of it. */
export function phaseOptions(
  phase: Phase,
  { resources, platform }: Pick<Rendering, "resources" | "platform">,
): string[] {
  const targets = targetsOf(phase, resources, pinnedImages(platform.images)) ?? [];
  const charts = targets.filter((urn) => urn.includes("kubernetes:helm.sh/v4:Chart::"));
  // Only the engine knows what is in a chart. A pattern that fits nothing is no error to it, a URN that does is.
  const inside = charts.map((urn) => `${urn.slice(0, urn.lastIndexOf("::"))}$**`);
  return [...targets, ...inside].flatMap((target) => ["--target", target]);
}

/**
 * Refuses to combine a phase with a choice of resources.
 *
 * @throws {UsageError} if the options of the CLI choose resources
 */
export function refuseChoice(phase: Phase | undefined, options: readonly string[]): void {
  if (phase === undefined || !chooses(options)) return;
  throw new UsageError(
    `--phase ${phase} chooses the resources itself; leave it out, or ${options.find((one) => choosing.test(one)) ?? ""}`,
  );
}
