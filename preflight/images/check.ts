/** Which images must be pushed before pods can start, and how. */
import { registryHost, placeOf } from "../../catalogue/image.ts";
import { Explained } from "../../commands/explained.ts";
import type { PlatformSetting } from "../../settings/platform.ts";
import type { FactsByKey } from "../../settings/rules/index.ts";
import { DigitalOceanApi } from "../api.ts";
import { Registries, registryVariable, type Credentials } from "./registry.ts";

/** An image that is not where pods pull it from. */
export interface MissingImage {
  readonly image: string;
  /** Why: `geo/api has no 1.4.0`. */
  readonly why: string;
  /** Whether it cannot be there, because this stack is still to make its registry. */
  readonly early: boolean;
}

/** What registries say of images. */
export interface Looked {
  readonly missing: readonly MissingImage[];
  /** Images of which nothing is known, each with the reason: a notice, never a stop. */
  readonly unasked: readonly MissingImage[];
}

/** Whom to ask as, and where. */
export interface Access {
  /** DigitalOcean's API token; undefined if there is none. Secret. */
  readonly token: string | undefined;
  /** Password of a system's registry by the key of its settings, `doks-systems:gx`; secret. */
  readonly password: (key: string) => string | undefined;
  /** Address of DigitalOcean's API. @default - as in `DigitalOceanApi` */
  readonly apiUrl?: string | undefined;
  /** Address to ask instead of every registry. @default `$DOKS_REGISTRY_URL`, else the registries themselves */
  readonly registryUrl?: string | undefined;
}

/** Asks the registries for images. */
export async function lookFor(
  images: readonly string[],
  { platform, facts }: { readonly platform: PlatformSetting; readonly facts: FactsByKey },
  access: Access,
): Promise<Looked> {
  const absent = await absentRegistry(platform, images, access);
  const registries = new Registries({
    credentials: (host) => credentialsFor(host, facts, access),
    // Nodes of another cluster may be of any kind, such as those of kind on a Mac.
    ...(platform.cluster.source === "kubeconfig" ? {} : { platform: { os: "linux", architecture: "amd64" } }),
    url: access.registryUrl,
  });
  const answers = await Promise.all(
    images.map(async (image) => {
      if (absent !== undefined && image.startsWith(`${absent}/`))
        return { image, kind: "missing" as const, why: "its registry is not there yet", early: true };
      return { image, why: "", early: false, ...(await registries.ask(image)) };
    }),
  );
  const of = (kind: "missing" | "unasked") =>
    answers.filter((one) => one.kind === kind).map(({ image, why, early }): MissingImage => ({ image, why, early }));
  return { missing: of("missing"), unasked: of("unasked") };
}

/** Beginning of the images whose registry this stack is still to make: `registry.digitalocean.com/geo`. */
async function absentRegistry(
  { registry }: PlatformSetting,
  images: readonly string[],
  { token, apiUrl, registryUrl = process.env[registryVariable] }: Access,
): Promise<string | undefined> {
  if (registry.kind === "none" || token === undefined || registryUrl !== undefined) return undefined;
  const path = `${registryHost}/${registry.name}`;
  if (!images.some((image) => image.startsWith(`${path}/`))) return undefined;
  try {
    const all = await new DigitalOceanApi(token, apiUrl).list<{ name: string }>("/v2/registries", "registries");
    return all.some(({ name }) => name === registry.name) ? undefined : path;
  } catch {
    // The registry itself is asked then.
    return undefined;
  }
}

function credentialsFor(host: string, facts: FactsByKey, { token, password }: Access): Credentials[] {
  // Source: DigitalOcean, "How to Push To and Pull From Your Container Registry": the API token is both user and password.
  const own = host === registryHost && token !== undefined ? [{ username: token, password: token }] : [];
  const given = Object.entries(facts).flatMap(([key, { pullSecret }]): Credentials[] => {
    if (pullSecret.kind !== "credentials" || hostOf(pullSecret.server) !== host) return [];
    const secret = password(key);
    return secret === undefined ? [] : [{ username: pullSecret.username, password: secret }];
  });
  return [...own, ...given];
}

/** Host of a registry as pull Secrets name it: `https://index.docker.io/v1/` is `docker.io`. */
function hostOf(server: string): string {
  return placeOf(`${server.replace(/^https?:\/\//, "").split("/")[0] ?? ""}/any`).host.replace(/^registry-1\./, "");
}

/** Commands that put an image where pods pull it from. */
export function pushCommands(images: readonly string[]): string[] {
  const hosts = [...new Set(images.map((image) => placeOf(image).host))];
  const logins = hosts.map((host) =>
    host === registryHost ? "doctl registry login" : `docker login${host === "docker.io" ? "" : ` ${host}`}`,
  );
  return [...logins, ...images.map(pushCommand)];
}

/** The command that builds and pushes an image for the nodes' platform, in the folder of its Dockerfile. */
export function pushCommand(image: string): string {
  return `docker buildx build --platform linux/amd64 --tag ${image.replace(/@.*$/, "")} --push .`;
}

/** Images must be pushed before an update can go on. */
export class ImagesMissing extends Explained {
  /** @param next what to do once they are there */
  constructor(missing: readonly MissingImage[], next: string) {
    const one = missing.length === 1;
    super(
      [
        `${one ? "an image is" : `${missing.length} images are`} not where the pods pull ${one ? "it" : "them"} from; no workload was given one that is not there:`,
        ...missing.map(({ image, why }) => `  ${image}: ${why}`),
        ...pushCommands(missing.map(({ image }) => image)).map((command) => `  → ${command}`),
        next,
      ].join("\n"),
    );
  }
}
