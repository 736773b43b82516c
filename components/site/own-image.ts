import { withTag } from "../../catalogue/image.ts";
import type { ImagesSetting } from "../../settings/slices/fields.ts";
import type { Site } from "./site.ts";

/**
 * Reference of an image that a system builds itself, from the registry in the system's settings, else the platform's:
 * `registry.digitalocean.com/geo/api:1.4.0`.
 *
 * @param name of the image, without registry and tag
 * @param tag a tag, a digest (`sha256:…`), or both (`1.4.0@sha256:…`)
 * @throws {Error} if neither the system nor the platform has a registry
 */
export function ownImage(site: Site, images: ImagesSetting, name: string, tag: string): string {
  const registry = images.registry ?? site.registry?.path;
  if (registry === undefined) throw new Error(`${name}: neither the system nor the platform has a registry`);
  return withTag(`${registry}/${name}`, tag);
}
