/**
 * A simulation of Spaces: versitygw, an S3 server that stores objects in a folder, behind an HTTP proxy.
 *
 * The provider connects to `bucket.region.endpoint`, names that DNS cannot resolve to loopback, but that a proxy can.
 * The proxy also stores lifecycle rules, which versitygw does not support.
 */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { end, freePorts, runTool, until } from "../processes.ts";

const domain = "spaces.sandbox";

/** A simulated Spaces that runs. */
export interface Spaces {
  /** Address of the S3 server itself, for clients that use path-style addresses. */
  readonly endpoint: string;
  /** Address of the proxy, for `HTTP_PROXY`. It forwards requests for buckets in the region, and refuses all others. */
  readonly proxy: string;
  readonly key: string;
  readonly secret: string;
  /** Folder that has a folder for each bucket, with its objects as files. */
  readonly files: string;
  /** Folder of older versions of objects. */
  readonly versions: string;
  /** Names of the buckets. */
  buckets(): string[];
  /** Lifecycle rules by bucket, as XML. A test may delete an entry, so that the rules drift. */
  readonly lifecycles: Map<string, string>;
  stop(): Promise<void>;
}

/** Value of `SPACES_ENDPOINT_URL`, in which the provider fills in the region. */
export const spacesEndpoint = `http://{{.Region}}.${domain}`;

/**
 * Starts the S3 server and its proxy.
 *
 * @param region of all buckets; part of their host names
 */
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
  const answers = async () => {
    // Another program may have been given the port, and be silent.
    await fetch(endpoint, { signal: AbortSignal.timeout(5000) });
    return true;
  };
  await until("versitygw", answers, { process: server, log: join(folder, "versitygw.log") });
  const lifecycles = new Map<string, string>();
  const proxy = createServer((asked, answer) => {
    const bucket = bucketOf(asked, region);
    if (bucket === undefined) refuse(answer, `only buckets of ${region}.${domain} are here`);
    else if (new URL(asked.url ?? "").searchParams.has("lifecycle")) lifecycle(lifecycles, bucket, asked, answer);
    else forward(port, asked, answer);
  });
  await new Promise<void>((resolve) => proxy.listen(proxyPort, "127.0.0.1", resolve));
  return {
    ...{ endpoint, proxy: `http://127.0.0.1:${proxyPort}`, key, secret, files, versions, lifecycles },
    buckets: () => readdirSync(files).filter((name) => existsSync(join(files, name)) && !name.startsWith(".")),
    stop: async () => {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
      await end(server);
    },
  };
}

/** Name of the bucket in a request to the proxy, from its host or its path; undefined if the request is for another host. */
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
