/**
 * A simulation of container registries on loopback: it says of every image whether it is there, whatever registry the image is
 * in. Which images are there stands in a file, one reference a line; `*` is every image. For a real node it has the sandbox's
 * own in their place; else there are no layers.
 * Source: OCI distribution specification, "Pulling manifests", "Pulling blobs" and "Error codes".
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { placeOf, type ImagePlace } from "../catalogue/image.ts";
import type { Blob, Images } from "./images/images.ts";

/** The registries, while they run. */
export interface PlayedRegistry {
  /** Address of the server, for `DOKS_REGISTRY_URL`. */
  readonly url: string;
  /** References that were asked for, in order. */
  readonly asked: readonly string[];
  /** Listens at a further address of this machine, and returns the server's URL there. */
  alsoAt(address: string): Promise<string>;
  stop(): Promise<void>;
}

/** What the registries have when a sandbox starts: every image, or none until it is pushed. */
export type Stock = "full" | "empty";

function listIn(folder: string): string {
  return join(folder, "images.txt");
}

/** Fills the registries of a sandbox, or empties them. */
export function stock(folder: string, what: Stock): void {
  writeFileSync(listIn(folder), what === "full" ? "*\n" : "");
}

/** Pushes images: they are there from now on. */
export function push(folder: string, images: readonly string[]): void {
  appendFileSync(listIn(folder), images.map((image) => `${image}\n`).join(""));
}

/**
 * Starts the registries on a free port. They are full, unless the folder says what they have.
 *
 * @param images what nodes pull @default - nothing can be pulled
 */
export async function startRegistry(folder: string, images?: Images): Promise<PlayedRegistry> {
  if (!existsSync(listIn(folder))) stock(folder, "full");
  const asked: string[] = [];
  const has = (image: string) =>
    readFileSync(listIn(folder), "utf8")
      .split("\n")
      .some((line) => line === "*" || named(line) === image);
  const answer = async (path: string, host: string, response: ServerResponse) => {
    const [, digest] = /^\/v2\/.+\/blobs\/([^/]+)$/.exec(path) ?? [];
    const blob = digest === undefined ? undefined : images?.blob(digest);
    if (blob !== undefined) return send(blob, response);
    const [, repository = "", reference = ""] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(path) ?? [];
    const place = { host, repository, reference };
    asked.push(text(place));
    const isThere = has(text(place)) || images?.isOwn(repository) === true || images?.blob(reference) !== undefined;
    if (isThere && images !== undefined) return send(await images.manifest(place), response);
    const body = isThere ? index : { errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] };
    response.writeHead(isThere ? 200 : 404, { "content-type": isThere ? index.mediaType : "application/json" });
    response.end(JSON.stringify(body));
    return undefined;
  };
  const listener: RequestListener = (request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    answer(url.pathname, url.searchParams.get("ns") ?? "", response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  };
  const first = await serve(listener, "127.0.0.1");
  const servers = [first.server];
  return {
    asked,
    url: first.url,
    alsoAt: async (address) => {
      const { server, url } = await serve(listener, address);
      servers.push(server);
      return url;
    },
    stop: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

async function serve(listener: RequestListener, host: string) {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { server, url: `http://${host}:${address.port}` };
}

async function send(blob: Blob, response: ServerResponse): Promise<void> {
  const { digest, size, mediaType } = blob;
  response.writeHead(200, { "content-type": mediaType, "content-length": size, "docker-content-digest": digest });
  if (response.req.method === "HEAD") response.end();
  else await pipeline(blob.read(), response);
}

const index = {
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.index.v1+json",
  manifests: [{ platform: { os: "linux", architecture: "amd64" } }],
};

/** An image as its registry is asked for it, from a line of the list. */
function named(line: string): string {
  return line.trim() === "" ? "" : text(placeOf(line.trim()));
}

function text({ host, repository, reference }: ImagePlace): string {
  return `${host}/${repository}${reference.startsWith("sha256:") ? "@" : ":"}${reference}`;
}
