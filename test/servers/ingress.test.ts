/** The classic rendering of routes in a real nginx: what the annotations of its Ingresses do. */
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Nginx, nginxProgram } from "../support/servers/nginx.ts";
import { cleanUp, folder, freePort, has } from "../support/servers/servers.ts";
import { stack, type Loose, type RenderedStack } from "../support/stack.ts";

const able = has(nginxProgram);
if (!able) console.warn("skipped: Ingresses in a real nginx, without one");

const mebibyte = 1024 ** 2;
const [paving, concrete, gx, dotdo] = ["paving.bowmark.ca", "concrete.bowmark.ca", "api.gxcoin.com", "do.example.com"];
const short = 2;

interface Answer {
  readonly status: number;
  readonly service?: string;
  readonly pod?: string;
  readonly path?: string;
  readonly bytes?: number;
}

describe.skipIf(!able)("an Ingress in nginx", () => {
  let prod: RenderedStack;
  let nginx: Nginx;
  const pods: Server[] = [];

  beforeAll(async () => {
    prod = await stack("prod", {
      "doks-systems:platform": { edge: { kind: "ingress", replicas: null } },
      "doks-systems:gx": { exposure: { kind: "route", host: gx, timeoutSeconds: short } },
    });
    const services = new Set<string>(
      prod
        .all("Ingress")
        .flatMap(({ inputs: { spec } }: Loose) =>
          spec.rules.flatMap(({ http }: Loose) => http.paths.map(({ backend }: Loose) => backend.service.name)),
        ),
    );
    const upstreams: Record<string, number[]> = {};
    for (const service of services) {
      const own: Server[] = [];
      for (let i = 0; i < (service === "dotdo" ? 5 : 1); i += 1) own.push(await startPod(service, i));
      pods.push(...own);
      upstreams[service] = own.map((server) => (server.address() as AddressInfo).port);
    }
    nginx = await Nginx.start(folder("nginx"), prod, upstreams, await freePort());
  });
  afterAll(async () => {
    await nginx.stop();
    for (const server of pods) {
      server.closeAllConnections();
      server.close();
    }
    await cleanUp();
  });

  const send = (host: string, path: string, headers: Record<string, string> = {}, body = 0): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const method = body === 0 ? "GET" : "POST";
      const outgoing = request({ host: "127.0.0.1", port: nginx.port, path, method, headers: { host, ...headers } });
      outgoing.on("response", (incoming) => {
        let text = "";
        incoming.on("data", (data) => (text += String(data)));
        incoming.on("end", () => {
          const status = incoming.statusCode ?? 0;
          resolve(status === 200 ? { status, ...(JSON.parse(text) as object) } : { status });
        });
      });
      outgoing.on("error", reject);
      outgoing.end(Buffer.alloc(body));
    });

  it.each([
    [paving, "/", "client-cluster-ip-service"],
    [paving, "/graphql", "server-cluster-ip-service"],
    [paving, "/graphqlx", "client-cluster-ip-service"],
    [paving, "/file/a.pdf", "server-cluster-ip-service"],
    [concrete, "/graphql/x", "server-concrete-cluster-ip-service"],
    [concrete, "/x", "client-concrete-cluster-ip-service"],
    [gx, "/v1/anything", "svc-identity"],
    [dotdo, "/anything", "dotdo"],
  ])("%s%s leads to %s", async (host = "", path = "", service) => {
    expect(await send(host, path)).toMatchObject({ status: 200, service, path });
  });

  it("unknown hosts get nothing", async () => {
    expect(await send("nobody.example.com", "/")).toEqual({ status: 404 });
  });

  it("/metrics is refused, however it is spelled; what only looks like it is the application's", async () => {
    const spellings = [
      "/metrics",
      "/METRICS",
      "//metrics",
      "/metrics/x",
      "/%6detrics",
      "/x/../metrics",
      "/metrics?a=1",
    ];
    for (const host of [gx, dotdo])
      for (const path of spellings) expect((await send(host, path)).status, `${host}${path}`).toBe(403);
    for (const path of ["/metricsx", "/v1/metrics"]) expect(await send(gx, path)).toMatchObject({ status: 200, path });
  });

  it("a body of the limit arrives, and one byte more is refused", async () => {
    for (const [host = "", limit = 0] of [
      [paving, 100 * mebibyte],
      [gx, 10 * mebibyte],
    ] as const) {
      expect(await send(host, "/", {}, limit)).toMatchObject({ status: 200, bytes: limit });
      const refused = await send(host, "/", {}, limit + 1).catch((error: unknown) => String(error));
      if (typeof refused === "string") expect(refused).toMatch(/EPIPE|ECONNRESET/);
      else expect(refused).toEqual({ status: 413 });
    }
  });

  it("what does not answer in time is given up with 504", async () => {
    const from = Date.now();
    expect(await send(gx, "/?wait=20000")).toEqual({ status: 504 });
    const seconds = (Date.now() - from) / 1000;
    expect(seconds).toBeGreaterThan(short - 0.1);
    expect(seconds).toBeLessThan(20);
  });

  it("dotdo: the same X-DO-ID leads to the same pod, and others spread", async () => {
    const podOf = async (id: string, path: string) => (await send(dotdo, path, { "X-DO-ID": id })).pod;
    const one = await Promise.all(Array.from({ length: 20 }, (_, i) => podOf("object-1", `/${i}`)));
    expect(new Set(one).size).toBe(1);
    const others = await Promise.all(Array.from({ length: 200 }, (_, i) => podOf(`object-${i}`, "/")));
    expect(new Set(others).size).toBe(5);
  });
});

/** A pod that says who it is and what arrived, after `?wait=<milliseconds>`. */
async function startPod(service: string, number: number): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    let bytes = 0;
    incoming.on("data", (chunk: Buffer) => (bytes += chunk.length));
    incoming.on("end", () => {
      const wait = Number(new URL(incoming.url ?? "", "http://localhost").searchParams.get("wait"));
      setTimeout(() => {
        outgoing.end(JSON.stringify({ service, pod: `${service}-${number}`, path: incoming.url, bytes }));
      }, wait);
    });
    incoming.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
