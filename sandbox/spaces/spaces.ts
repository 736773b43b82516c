/**
 * Spaces on this machine: versitygw, an S3 server over a plain folder, behind an HTTP proxy. The provider calls
 * `bucket.region.endpoint`, and no resolver leads such names to loopback; a proxy is asked by name instead. Lifecycle rules,
 * which the server does not know, are the proxy's.
 */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { end, freePorts, runTool } from "../processes.ts";

const domain = "spaces.sandbox";

export interface Spaces {
  /** The S3 server itself, path style. */
  readonly endpoint: string;
  /** For `HTTP_PROXY`: leads to the server for the names of its buckets, and nowhere else. */
  readonly proxy: string;
  readonly key: string;
  readonly secret: string;
  /** Where each bucket's objects lie as files. */
  readonly files: string;
  buckets(): string[];
  /** Lifecycle rules of a bucket, as XML; setting `undefined` removes them behind everybody's back. */
  readonly lifecycles: Map<string, string>;
  stop(): Promise<void>;
}

/** For `SPACES_ENDPOINT_URL`; the provider fills in the region. */
export const spacesEndpoint = `http://{{.Region}}.${domain}`;

/** @param region of all buckets; the part of a host name after the bucket's */
export async function startSpaces(folder: string, region: string): Promise<Spaces> {
  const [files, versions] = [join(folder, "files"), join(folder, "versions")];
  for (const each of [files, versions]) mkdirSync(each, { recursive: true });
  const [port = 0, proxyPort = 0] = await freePorts(2);
  const [key, secret] = ["sandbox-key", "sandbox-secret"];
  const args = ["--quiet", "--port", `127.0.0.1:${port}`, "--access", key, "--secret", secret];
  const server = runTool(folder, "versitygw", [
    ...args,
    ...["--virtual-domain", `${region}.${domain}`, "posix", "--versioning-dir", versions, files],
  ]);
  const endpoint = `http://127.0.0.1:${port}`;
  await answers(endpoint);
  const lifecycles = new Map<string, string>();
  const proxy = createServer((asked, answer) => {
    const bucket = bucketOf(asked, region);
    if (bucket === undefined) refuse(answer, `only buckets of ${region}.${domain} are here`);
    else if (new URL(asked.url ?? "").searchParams.has("lifecycle")) lifecycle(lifecycles, bucket, asked, answer);
    else forward(port, asked, answer);
  });
  await new Promise<void>((resolve) => proxy.listen(proxyPort, "127.0.0.1", resolve));
  return {
    ...{ endpoint, proxy: `http://127.0.0.1:${proxyPort}`, key, secret, files, lifecycles },
    buckets: () => readdirSync(files).filter((name) => existsSync(join(files, name)) && !name.startsWith(".")),
    stop: async () => {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
      await end(server);
    },
  };
}

/** The bucket that a proxied request names, in its host or its path; undefined for another place. */
function bucketOf(asked: IncomingMessage, region: string): string | undefined {
  if (!URL.canParse(asked.url ?? "")) return undefined;
  const { hostname, pathname } = new URL(asked.url ?? "");
  const suffix = `${region}.${domain}`;
  if (hostname === suffix) return pathname.split("/")[1];
  return hostname.endsWith(`.${suffix}`) ? hostname.slice(0, -suffix.length - 1) : undefined;
}

function forward(port: number, asked: IncomingMessage, answer: ServerResponse): void {
  const { host, pathname, search } = new URL(asked.url ?? "");
  const options = { host: "127.0.0.1", port, method: asked.method, path: pathname + search };
  const passed = request({ ...options, headers: { ...asked.headers, host } }, (got) => {
    answer.writeHead(got.statusCode ?? 502, got.headers);
    got.pipe(answer);
  });
  passed.on("error", (error) => {
    refuse(answer, error.message);
  });
  asked.pipe(passed);
}

function lifecycle(kept: Map<string, string>, bucket: string, asked: IncomingMessage, answer: ServerResponse): void {
  const chunks: Buffer[] = [];
  asked.on("data", (chunk: Buffer) => chunks.push(chunk));
  asked.on("end", () => {
    if (asked.method === "PUT") kept.set(bucket, Buffer.concat(chunks).toString());
    if (asked.method === "DELETE") kept.delete(bucket);
    const rules = kept.get(bucket);
    if (asked.method !== "GET") answer.writeHead(asked.method === "DELETE" ? 204 : 200).end();
    else if (rules !== undefined) answer.writeHead(200, { "content-type": "application/xml" }).end(rules);
    else
      answer
        .writeHead(404, { "content-type": "application/xml" })
        .end("<Error><Code>NoSuchLifecycleConfiguration</Code><Message>There are no rules</Message></Error>");
  });
}

function refuse(answer: ServerResponse, message: string): void {
  answer.writeHead(502, { "content-type": "text/plain" }).end(message);
}

async function answers(endpoint: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      await fetch(endpoint);
      return;
    } catch {
      await sleep(50);
    }
  }
  throw new Error("versitygw did not answer in 10 s");
}
