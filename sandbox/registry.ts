/**
 * A simulation of container registries on loopback: it says of every image whether it is there, whatever registry the image is
 * in, and has none of their layers. Which images are there stands in a file, one reference a line; `*` is every image.
 * Source: OCI distribution specification, "Pulling manifests" and "Error codes".
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { placeOf, type ImagePlace } from "../catalogue/image.ts";

/** The registries, while they run. */
export interface PlayedRegistry {
  /** Address of the server, for `DOKS_REGISTRY_URL`. */
  readonly url: string;
  /** References that were asked for, in order. */
  readonly asked: readonly string[];
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

/** Starts the registries on a free port. They are full, unless the folder says what they have. */
export async function startRegistry(folder: string): Promise<PlayedRegistry> {
  if (!existsSync(listIn(folder))) stock(folder, "full");
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const [, repository = "", reference = ""] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(url.pathname) ?? [];
    const host = url.searchParams.get("ns") ?? "";
    const image = text({ host, repository, reference });
    asked.push(image);
    const has = readFileSync(listIn(folder), "utf8")
      .split("\n")
      .some((line) => line === "*" || named(line) === image);
    const body = has ? index : { errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] };
    response.writeHead(has ? 200 : 404, { "content-type": has ? index.mediaType : "application/json" });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    asked,
    url: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
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
