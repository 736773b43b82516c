/**
 * The phases of a first update: platform, then data, then the systems. Something outside of Pulumi's graph must happen between
 * them, such as a push of images into the registry that the platform has made. Each phase is an update of its own with
 * Pulumi's `--target`, because the engine would delete what the program left out. Pure.
 */
import type { Phase } from "../commands/declarations.ts";
import { podsOf } from "../graph/pods.ts";
import type { Resource } from "../graph/resource.ts";
import { byUrn, type ByUrn } from "../graph/stack.ts";
import { isOwnWorkload, type PinnedImages } from "./own-images.ts";

/**
 * URNs of the resources that an update of a phase makes; undefined for the last phase, which leaves nothing out. Every
 * resource is there with its parent, its provider and all that it waits for, because the engine makes none without.
 *
 * - `platform`: what is below the platform's component.
 * - `data`: also what stands without an image of the team's own: namespaces, Secrets, databases, brokers, buckets and their
 *   policies. A workload with such an image is left out, with all that belongs to it or waits for it.
 *
 * @param pinned images that are not the team's own
 */
export function targetsOf(phase: Phase, resources: readonly Resource[], pinned: PinnedImages): string[] | undefined {
  if (phase === "systems") return undefined;
  const all = byUrn(resources);
  const platform = resources.filter((one) => isOfPlatform(one, all));
  const wanted = phase === "platform" ? platform : [...platform, ...withoutOwnImages(resources, all, pinned)];
  return [...closure(wanted, all)].toSorted();
}

function isOfPlatform({ type, parent }: Resource, all: ByUrn): boolean {
  const above = all.get(parent ?? "");
  return type === "doks-systems:platform:Platform" || (above !== undefined && isOfPlatform(above, all));
}

/** Resources that neither belong to a workload with one of the team's own images, nor wait for one that does. */
function withoutOwnImages(resources: readonly Resource[], all: ByUrn, pinned: PinnedImages): Resource[] {
  const owners = podsOf(resources).filter((pods) => isOwnWorkload(pods, pinned));
  // A Service or an autoscaler beside a Deployment does not wait for it, but is nothing without it.
  const components = owners.flatMap(({ owner }) => all.get(owner.parent ?? "") ?? []);
  const left = new Set(owners.map(({ owner }) => owner.urn));
  for (const { urn, type } of components) if (type.startsWith("doks-systems:workload:")) left.add(urn);
  for (let before = 0; before < left.size;) {
    before = left.size;
    for (const one of resources) if (needs(one).some((urn) => left.has(urn))) left.add(one.urn);
  }
  return resources.filter(({ urn }) => !left.has(urn));
}

/** URNs of what a resource cannot be made without. */
export function needs({ parent, provider, dependsOn, inputsFrom }: Resource): string[] {
  return [parent, provider, ...dependsOn, ...Object.values(inputsFrom).flat()].filter((urn) => urn !== undefined);
}

/** URNs of resources and of all that they need, directly or not. */
function closure(wanted: readonly Resource[], all: ByUrn): Set<string> {
  const found = new Set<string>();
  const open = [...wanted];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (found.has(one.urn)) continue;
    found.add(one.urn);
    open.push(...needs(one).flatMap((urn) => all.get(urn) ?? []));
  }
  return found;
}
