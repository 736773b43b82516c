/**
 * Image references. Source: the grammar in github.com/distribution/reference (`reference.go`), with which Kubernetes
 * parses them.
 */

const tag = /[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}/;
const digest = /sha256:[0-9a-f]{64}/;
const domain =
  /(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::[0-9]+)?/;
const component = /[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*/;
const path = new RegExp(`${component.source}(?:/${component.source})*`);

/** Host of DigitalOcean's container registry, which the names of all images in it begin with. */
export const registryHost = "registry.digitalocean.com";

/** Matches a tag, a digest, or both: `1.4.0`, `sha256:…`, `1.4.0@sha256:…`. */
export const tagPattern = new RegExp(`^(?:${tag.source}(?:@${digest.source})?|${digest.source})$`);

/** Matches a registry, or a repository in one, without a tag: `localhost:5001`, `registry.example.com:5000/team/app`. */
export const repositoryPattern = new RegExp(`^(?:${domain.source}(?:/${path.source})?|${path.source})$`);

/** Matches a whole reference: `registry.example.com:5000/team/app:1.4.0@sha256:…`. */
export const imagePattern = new RegExp(
  `^(?:${domain.source}/)?${path.source}(?::${tag.source})?(?:@${digest.source})?$`,
);

/** The tag of a reference; undefined if it has none, or only a digest. */
export function tagOf(image: string): string | undefined {
  return /:([^:/@]+)(?:@.*)?$/.exec(image.replace(/@.*$/, ""))?.[1];
}

/** Whether a reference has a tag or a digest. */
export function hasTag(image: string): boolean {
  return image.includes("@") || tagOf(image) !== undefined;
}

/** A reference from a repository and a tag, a digest, or both. */
export function withTag(name: string, tagOrDigest: string): string {
  return `${name}${tagOrDigest.startsWith("sha256:") ? "@" : ":"}${tagOrDigest}`;
}

const words = "latest|stable|edge|canary|main|master|dev|develop|nightly|next|current|lts";
const moving = new RegExp(`^(${words})(-[a-z]+)*$`);

/** Whether a tag is moved to newer images, such as `latest` or `stable-alpine`. A tag with a version or a commit is not. */
export function isMovingTag(tag: string): boolean {
  return moving.test(tag);
}

/** Where an image is: how its registry is asked for it. */
export interface ImagePlace {
  /** Host of the registry as the reference has it, `docker.io` where it has none. */
  readonly host: string;
  /** Name in the registry: `library/postgres`, `geo/api`. */
  readonly repository: string;
  /** Digest if the reference has one, else the tag; `latest` where it has neither. */
  readonly reference: string;
}

/** The place of an image. Source: github.com/distribution/reference, `normalize.go`. */
export function placeOf(image: string): ImagePlace {
  const [name = "", digestPart] = image.split("@");
  const bare = name.replace(/:[^:/]+$/, "");
  const [first = "", ...rest] = bare.split("/");
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const path = hasHost ? rest.join("/") : bare;
  const host = !hasHost || first === "index.docker.io" ? "docker.io" : first;
  const repository = host === "docker.io" && !path.includes("/") ? `library/${path}` : path;
  return { host, repository, reference: digestPart ?? tagOf(image) ?? "latest" };
}
