/**
 * Images of the team's own: those that somebody must push before a pod can start. All others are pinned to a release of
 * somebody else. Pure.
 */
import { containersOf, podsOf, type Pods } from "../graph/pods.ts";
import { kindOf, type Resource } from "../graph/resource.ts";

/** References of images that are not the team's own. */
export type PinnedImages = ReadonlySet<string>;

/** Images of a stack's pods that are not pinned, each with the resources whose pods run it. */
export function ownImages(resources: readonly Resource[], pinned: PinnedImages): Map<string, Resource[]> {
  const found = new Map<string, Resource[]>();
  for (const pods of podsOf(resources)) {
    for (const image of imagesIn(pods).filter((one) => !pinned.has(one)))
      found.set(image, [...(found.get(image) ?? []), pods.owner]);
  }
  return found;
}

/**
 * Whether pods run an image of the team's own. Those of a StatefulSet never do: it is a data service, whatever registry its
 * image is mirrored in.
 */
export function isOwnWorkload(pods: Pods, pinned: PinnedImages): boolean {
  return kindOf(pods.owner) !== "StatefulSet" && imagesIn(pods).some((image) => !pinned.has(image));
}

function imagesIn(pods: Pods): string[] {
  return [...new Set(containersOf(pods).flatMap(({ image }) => image ?? []))];
}
