/**
 * Asks registries for images, before a pod would wait for one that is not there. Sources: OCI distribution specification
 * ("Pulling manifests"), its token authentication as in distribution/distribution `docs/content/spec/auth/token.md`, and the
 * OCI image specification for indexes, manifests and configurations.
 */
import { placeOf, type ImagePlace } from "../../catalogue/image.ts";

/** Who asks. */
export interface Credentials {
  readonly username: string;
  /** Password or token; secret. */
  readonly password: string;
}

/** What a registry says of an image; `unasked` where it refuses or cannot be reached, so that nothing is known. */
export type Answer =
  | { readonly kind: "there" }
  | { readonly kind: "missing"; readonly why: string }
  | { readonly kind: "unasked"; readonly why: string };

/** Variable with the address that is asked instead of every registry; the registry's host follows as `ns`, as with mirrors. */
export const registryVariable = "DOKS_REGISTRY_URL";

const types = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");
const timeoutSeconds = 8;

interface Platform {
  readonly os: string;
  readonly architecture: string;
}
interface Manifest {
  readonly manifests?: readonly { readonly platform?: Platform }[];
  readonly config?: { readonly digest: string };
}

/** Registries, each asked with the credentials that fit it. */
export class Registries {
  readonly #credentials: (host: string) => readonly Credentials[];
  readonly #instead: string | undefined;
  readonly #platform: Platform | undefined;

  constructor(options: {
    /** Whom to ask as at a registry; nobody if all are refused. */
    readonly credentials: (host: string) => readonly Credentials[];
    /** Platform that the image must have, for nodes whose own is known. @default - any */
    readonly platform?: Platform;
    /** Address to ask instead. @default `$DOKS_REGISTRY_URL`, else the registry itself */
    readonly url?: string | undefined;
  }) {
    this.#credentials = options.credentials;
    this.#platform = options.platform;
    this.#instead = options.url ?? process.env[registryVariable];
  }

  /** Whether an image is there, for the platform of the nodes. Never rejects. */
  async ask(image: string): Promise<Answer> {
    const place = placeOf(image);
    let refused: Answer = { kind: "unasked", why: "nobody may ask" };
    for (const who of [...this.#credentials(place.host), undefined]) {
      const answer = await this.#askAs(place, who);
      if (answer.kind !== "unasked") return answer;
      refused = answer;
    }
    return refused;
  }

  async #askAs(place: ImagePlace, who: Credentials | undefined): Promise<Answer> {
    try {
      const found = await this.#get(place, `manifests/${place.reference}`, who);
      if (found.status === 404) return { kind: "missing", why: await this.#whatIsMissing(found, place) };
      if (!found.ok) return { kind: "unasked", why: `${place.host} answers ${found.status}` };
      return await this.#platformOf(place, (await found.json()) as Manifest, who);
    } catch (error) {
      const { cause } = error instanceof Error ? error : {};
      const why = cause instanceof Error ? cause.message : String(error);
      return { kind: "unasked", why: `${place.host} cannot be asked: ${why}` };
    }
  }

  async #whatIsMissing(answer: Response, { repository, reference }: ImagePlace): Promise<string> {
    const text = await answer.text();
    return text.includes("NAME_UNKNOWN") ? `there is no repository ${repository}` : `${repository} has no ${reference}`;
  }

  async #platformOf(place: ImagePlace, manifest: Manifest, who: Credentials | undefined): Promise<Answer> {
    const wanted = this.#platform;
    if (wanted === undefined) return { kind: "there" };
    const all =
      manifest.manifests?.flatMap(({ platform }) => platform ?? []) ?? (await this.#config(place, manifest, who));
    // An index may name no platforms at all; then only a node can tell.
    const named = all.filter(({ os }) => os !== "unknown");
    const fits = named.some(({ os, architecture }) => os === wanted.os && architecture === wanted.architecture);
    if (fits || named.length === 0) return { kind: "there" };
    const has = named.map(({ os, architecture }) => `${os}/${architecture}`).join(", ");
    return { kind: "missing", why: `is there for ${has} only, and the nodes are ${wanted.os}/${wanted.architecture}` };
  }

  /** Platform of an image that is no index: its configuration says it. */
  async #config(place: ImagePlace, { config }: Manifest, who: Credentials | undefined): Promise<Platform[]> {
    if (config === undefined) return [];
    const found = await this.#get(place, `blobs/${config.digest}`, who);
    return found.ok ? [(await found.json()) as Platform] : [];
  }

  async #get(place: ImagePlace, path: string, who: Credentials | undefined): Promise<Response> {
    const base = this.#instead ?? addressOf(place.host);
    const from = `${base}/v2/${place.repository}/${path}${this.#instead === undefined ? "" : `?ns=${place.host}`}`;
    const first = await get(from);
    const challenge = first.headers.get("www-authenticate") ?? "";
    if (first.status !== 401 || challenge === "") return first;
    if (/^basic/i.test(challenge)) return who === undefined ? first : get(from, basic(who));
    const token = await tokenFor(challenge, who);
    return token === undefined ? first : get(from, `Bearer ${token}`);
  }
}

function addressOf(host: string): string {
  if (host === "docker.io") return "https://registry-1.docker.io";
  // As Docker does, a registry on this machine is asked without TLS.
  return `${/^(localhost|127\.)/.test(host) ? "http" : "https"}://${host}`;
}

function get(url: string, authorization?: string): Promise<Response> {
  const headers = { accept: types, ...(authorization !== undefined && { authorization }) };
  return fetch(url, { headers, signal: AbortSignal.timeout(timeoutSeconds * 1000) });
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** A token for what a challenge names: `Bearer realm="…",service="…",scope="…"`; undefined if none is given. */
async function tokenFor(challenge: string, who: Credentials | undefined): Promise<string | undefined> {
  const { realm, ...rest } = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [key, value]),
  );
  if (realm === undefined) return undefined;
  const asked = new URL(realm);
  for (const key of ["service", "scope"]) if (rest[key] !== undefined) asked.searchParams.set(key, rest[key]);
  const answer = await get(asked.href, who && basic(who));
  if (!answer.ok) return undefined;
  const { token, access_token: access } = (await answer.json()) as { token?: string; access_token?: string };
  return token ?? access;
}
