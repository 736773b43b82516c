/** What stands between a client and an S3 server, for tests of what happens when that goes wrong. */
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterwards } from "./servers.ts";

/** Answers itself and says so, or lets the request pass; asynchronous, it may hold it. */
type Meddler = (asked: IncomingMessage, answer: ServerResponse) => boolean | Promise<boolean>;

export interface S3Proxy {
  readonly endpoint: string;
  /** What is done to requests from now on. */
  meddle(meddler: Meddler | undefined): void;
}

export async function startS3Proxy(endpoint: string): Promise<S3Proxy> {
  const { hostname, port } = new URL(endpoint);
  let meddler: Meddler | undefined;
  const server = createServer((asked, answer) => {
    void (async () => {
      if ((await meddler?.(asked, answer)) === true) return;
      const { method, url: path, headers } = asked;
      const passed = request({ hostname, port, method, path, headers }, (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers);
        got.pipe(answer);
      });
      passed.on("error", () => answer.destroy());
      asked.pipe(passed);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterwards(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    meddle: (now) => {
      meddler = now;
    },
  };
}

/** Number of the part that a request uploads. */
export function partOf(asked: IncomingMessage): number | undefined {
  const { searchParams } = new URL(asked.url ?? "", "http://s3");
  return asked.method === "PUT" && searchParams.has("partNumber") ? Number(searchParams.get("partNumber")) : undefined;
}

/** Refuses a request, as a server in trouble does. */
export function refuse(asked: IncomingMessage, answer: ServerResponse): true {
  asked.resume();
  answer.writeHead(500, { "content-type": "application/xml" }).end("<Error><Code>InternalError</Code></Error>");
  return true;
}
