import { withTag } from "../../catalogue/image.ts";
import type { ImagesSetting } from "../../settings/slices/fields.ts";
import type { Site } from "./site.ts";

/**
 * A system's own image: from the registry its settings name, else from the platform's.
 *
 * @param tag a tag, or a digest (`sha256:…`)
 */
export function ownImage(site: Site, images: ImagesSetting, name: string, tag: string): string {
  const registry = images.registry ?? site.registry?.path;
  if (registry === undefined) throw new Error(`${name}: neither the system nor the platform has a registry`);
  return withTag(`${registry}/${name}`, tag);
}
