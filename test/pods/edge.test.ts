/**
 * The routes of production as a real Envoy Gateway and real Envoys serve them, behind the address of a load balancer. Pods
 * that tell what arrives stand for the workloads; time-outs are short, except Bow-Mark's.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Acme } from "../../sandbox/edge/acme.ts";
import { Authority } from "../../sandbox/edge/authority.ts";
import { missingForEdge } from "../../sandbox/node/needs.ts";
import { serverAddresses } from "../../sandbox/node/outside.ts";
import { deploy } from "../support/cluster/deploy.ts";
import { watched } from "../support/edge/certificates.ts";
import { crooked } from "../support/edge/crooked.ts";
import { EdgeClient, type Answer } from "../support/edge/client.ts";
import { backends, deployEdge, edgeOf, lead, refusals, startBackends } from "../support/edge/edge.ts";
import { memoryOf, configuredRoutes } from "../support/edge/proxies.ts";
import { connectsFromOutside } from "../support/pods/clients.ts";
import { persistently } from "../support/pods/lifecycle.ts";
import { PodsCluster } from "../support/pods/cluster.ts";
import { stack } from "../support/stack.ts";

const missing = missingForEdge();
if (missing !== undefined) console.warn(`skipped: routes on a real edge, which needs ${missing}`);

const mebibyte = 1024 ** 2;
const [app, paving, concrete] = ["app.bowmark.ca", "paving.bowmark.ca", "concrete.bowmark.ca"] as const;
const [gx, dotdo] = ["api.gxcoin.com", "do.example.com"] as const;
const hosts = [app, paving, concrete, gx, dotdo];
/** Seconds after which GX and dotdo give up here. */
const short = 5;
const patch = {
  "doks-systems:gx": { exposure: { kind: "route", host: gx, timeoutSeconds: short } },
  "doks-systems:dotdo": { ingress: { host: dotdo, timeoutSeconds: short } },
};

describe.skipIf(missing !== undefined)("the edge", () => {
  let pods: PodsCluster;
  let client: EdgeClient;
  let address: string;
  const replicas = { dotdo: 5 };

  beforeAll(async () => {
    pods = await PodsCluster.start({ edge: true });
    const prod = await stack("prod", patch);
    [address] = await Promise.all([deployEdge(pods, prod), startBackends(pods.client, backends(prod, replicas))]);
    client = new EdgeClient(address, readFileSync(pods.cluster.authority ?? "", "utf8"));
  }, 1_500_000);
  afterAll(async () => {
    client.stop();
    await pods.stop();
  });

  const workload = ({ pod = "" }: Answer) => pod.replace(/-[a-z0-9]+-[a-z0-9]+$/, "");

  it("every Gateway, listener, route and policy is accepted", () =>
    persistently(async () => {
      expect(await refusals(pods.client)).toEqual([]);
    }));

  it.each([
    // Bow-Mark's document: /graphql and /file of each site lead to its server, all else to its client.
    ...[app, paving].flatMap((host) => [
      [host, "/", "client-deployment"],
      [host, "/graphqlx", "client-deployment"],
      [host, "/GraphQL", "client-deployment"],
      [host, "/graphql", "server-deployment"],
      [host, "/graphql/x?a=1", "server-deployment"],
      [host, "/file/report.pdf", "server-deployment"],
    ]),
    [concrete, "/", "client-concrete-deployment"],
    [concrete, "/file", "server-concrete-deployment"],
    [concrete, "/graphql", "server-concrete-deployment"],
    [gx, "/v1/anything", "svc-identity"],
    [dotdo, "/anything", "dotdo"],
  ])("%s%s leads to %s", async (host, path, name) => {
    const answer = await client.send(host, path);
    expect(answer).toMatchObject({ status: 200, path });
    expect(workload(answer)).toBe(name);
  });

  it("each certificate was issued after a challenge that came from outside, and nothing of the challenges is left", async () => {
    const orders = await pods.client.list("acme.cert-manager.io/v1", "orders");
    expect(orders.map(({ spec }) => spec.dnsNames as string[])).toHaveLength(hosts.length);
    expect(orders.map(({ status }) => status.state as string)).toEqual(hosts.map(() => "valid"));
    expect(await pods.client.list("acme.cert-manager.io/v1", "challenges")).toEqual([]);
    await persistently(async () => {
      const left = await pods.client.list("v1", "pods");
      expect(left.filter(({ metadata }) => "acme.cert-manager.io/http01-solver" in (metadata.labels ?? {}))).toEqual(
        [],
      );
    });
  });

  it("HTTP is redirected to HTTPS, with path and query", async () => {
    for (const host of hosts) {
      const location = `https://${host}/a?b=c`;
      expect(await client.plain(host, "/a?b=c"), host).toMatchObject({ status: 301, location });
    }
  });

  it("each host has its own certificate and HTTP/2, and no older TLS than 1.2", async () => {
    for (const host of hosts) {
      const socket = await client.open(host);
      expect(socket.authorized, host).toBe(true);
      expect(socket.getPeerCertificate().subjectaltname).toBe(`DNS:${host}`);
      socket.destroy();
      expect(await client.http2(host, "/"), host).toMatchObject({ status: 200, path: "/" });
      const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
      await expect(client.open(host, old), host).rejects.toThrow(/alert/);
    }
  });

  it("unknown hosts get nothing", async () => {
    expect(await client.refusal("nobody.example.com")).toBe("ECONNRESET");
    expect(await client.plain("nobody.example.com", "/")).toMatchObject({ status: 404 });
    // One host's connection does not lead to another's pods.
    expect(await client.send(gx, "/", { headers: { host: dotdo } })).toMatchObject({ status: 404 });
  });

  it("clients' own addresses arrive, behind what they say themselves", async () => {
    const { headers } = await client.send(gx, "/", { headers: { "x-forwarded-for": "203.0.113.9" } });
    expect(headers?.["x-forwarded-for"]).toBe(`203.0.113.9,${pods.cluster.machine.gateway}`);
    expect(headers?.["x-forwarded-proto"]).toBe("https");
  });

  it("who is outside reaches a load balancer that names no source", () => {
    expect(connectsFromOutside(pods.cluster.machine, address, 443)).toBe(true);
  });

  it("gx 22: /metrics is not found, however it is spelled; what only looks like it is the application's", async () => {
    const hidden = ["/metrics", "/METRICS", "//metrics", "///Metrics", "/metrics/", "/metrics/x", "/metrics?a=1"];
    const escaped = ["/%6detrics", "/%4DETRICS", "/x/../metrics", "/x/%2e%2e/metrics", "/./metrics", "/\\metrics"];
    for (const path of [...hidden, ...escaped]) expect((await client.send(gx, path)).status, path).toBe(404);
    for (const host of [`${gx}.`, gx.toUpperCase(), `${gx}:443`])
      expect((await client.send(gx, "/metrics", { headers: { host } })).status, host).toBe(404);
    for (const path of ["/metricsx", "/v1/metrics", "/"])
      expect(await client.send(gx, path), path).toMatchObject({ status: 200, path });
  });

  it("paths and header names arrive as they were sent", async () => {
    for (const path of ["/file/a%2Fb.pdf", "/https%3A%2F%2Fx", "//a//b"])
      expect(await client.send(app, path)).toMatchObject({ status: 200, path });
    const { headers } = await client.send(gx, "/", { headers: { x_under_score: "1" } });
    expect(headers).toHaveProperty("x_under_score", "1");
  });

  it.each(crooked(gx, dotdo))("%s: refused", async (_what, text, status) => {
    expect(await client.raw(gx, text)).toBe(status);
  });

  it("bodies of the limit arrive, in one piece, in chunks or slowly, and one byte more is refused", async () => {
    const limits = [
      { host: app, path: "/file", limit: 100 * mebibyte },
      { host: gx, path: "/", limit: 10 * mebibyte },
    ];
    for (const { host, path, limit } of limits) {
      for (const chunked of [false, true]) {
        const pause = host === gx ? 300 : 0;
        const whole = await client.send(host, path, { body: limit, chunked, pause });
        expect(whole, `${host} ${chunked}`).toMatchObject({ status: 200, bytes: limit });
        const refused = await client
          .send(host, path, { body: limit + 1, chunked, pause })
          .catch((error: unknown) => String(error));
        if (typeof refused === "string") expect(refused).toMatch(/EPIPE|ECONNRESET|socket hang up/);
        else expect(refused.status).toBe(413);
      }
    }
  });

  it("a body that says that it is too large is refused before it comes", async () => {
    const head = `POST /file HTTP/1.1\r\nhost: ${app}\r\ncontent-length: ${100 * mebibyte + 1}\r\n\r\n`;
    expect(await client.raw(app, head)).toBe(413);
  });

  it("what does not answer in time is given up with 504; Bow-Mark's after ten minutes", async () => {
    for (const host of [gx, dotdo]) {
      const from = Date.now();
      expect((await client.send(host, "/?wait=20000")).status, host).toBe(504);
      const seconds = (Date.now() - from) / 1000;
      expect(seconds).toBeGreaterThan(short - 0.1);
      expect(seconds).toBeLessThan(20);
    }
    const configured = await configuredRoutes(pods.cluster.machine, pods.client, app);
    expect(configured).toHaveLength(2);
    for (const routes of configured) {
      expect(new Set(routes.map((route) => route.idle_timeout))).toEqual(new Set(["600s"]));
      // Those to WebSockets have none.
      expect(routes.map(({ timeout }) => timeout).filter((timeout) => timeout !== "600s")).toEqual(["0s"]);
    }
  });

  const upgrade = async (host: string, path: string) => {
    const socket = await client.open(host);
    const head = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\r\n";
    socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\n${head}`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    return { socket, status: Number(answer.toString("latin1").split(" ")[1]) };
  };
  const echoed = async (socket: TLSSocket, text: string) => {
    socket.write(text);
    return String((await once(socket, "data", { signal: AbortSignal.timeout(5000) }))[0]);
  };

  it("a WebSocket lives past the time-out of requests", async () => {
    const { socket, status } = await upgrade(dotdo, "/");
    expect(status).toBe(101);
    for (let second = 0; second < 2 * short; second += 1) {
      await sleep(1000);
      expect(await echoed(socket, `beat ${second}`)).toBe(`beat ${second}`);
    }
    socket.destroy();
  });

  it("1,300 WebSockets are open at once, on a path that has them; elsewhere there are none", async () => {
    const all: TLSSocket[] = [];
    for (let i = 0; i < 1300; i += 1) {
      const { socket, status } = await upgrade(app, "/graphql");
      expect(status).toBe(101);
      all.push(socket);
    }
    for (const socket of [all[0], all.at(-1)]) expect(socket && (await echoed(socket, "here"))).toBe("here");
    expect((await upgrade(app, "/")).status).not.toBe(101);
    for (const socket of all) socket.destroy();
  });

  it("twelve uploads that stall take no memory, and others are served", async () => {
    const before = await memoryOf(pods.cluster.machine, pods.client);
    const stalled: TLSSocket[] = [];
    for (let i = 0; i < 12; i += 1) {
      const socket = await client.open(app);
      stalled.push(socket);
      socket.write(`POST /file HTTP/1.1\r\nhost: ${app}\r\ncontent-length: ${100 * mebibyte}\r\n\r\n`);
      for (let sent = 0; sent < 30; sent += 1) if (!socket.write(Buffer.alloc(mebibyte))) await once(socket, "drain");
    }
    expect((await memoryOf(pods.cluster.machine, pods.client)) - before).toBeLessThan(50);
    expect((await client.send(app, "/")).status).toBe(200);
    for (const socket of stalled) socket.destroy();
  });

  it("dotdo: the same X-DO-ID leads to the same pod, and so does the same URI without one", async () => {
    const reached = (paths: readonly string[], headers: Record<string, string>) =>
      Promise.all(paths.map(async (path) => (await client.send(dotdo, path, { headers })).pod));
    const paths = Array.from({ length: 20 }, (_, i) => `/path/${i}`);
    expect(new Set(await reached(paths, { "X-DO-ID": "object-1" })).size).toBe(1);
    const same = Array.from(paths, () => "/one?a=1");
    expect(new Set(await reached(same, {})).size).toBe(1);
    expect(new Set(await reached(paths, {})).size).toBeGreaterThan(2);
  });

  it("dotdo: keys spread evenly over five pods, and a sixth takes its share and no more", async () => {
    const keys = Array.from({ length: 1000 }, (_, i) => `object-${i}`);
    const podOf = async (key: string) => (await client.send(dotdo, "/", { headers: { "X-DO-ID": key } })).pod ?? "";
    const placed = async () => new Map(await Promise.all(keys.map(async (key) => [key, await podOf(key)] as const)));
    const spread = (places: Map<string, string>) => [...Map.groupBy(places.values(), (pod) => pod).values()];

    const before = await placed();
    expect(spread(before)).toHaveLength(5);
    for (const { length } of spread(before)) expect(Math.abs(length - 200)).toBeLessThanOrEqual(50);

    const prod = await stack("prod", patch);
    await startBackends(pods.client, backends(prod, { dotdo: 6 }));
    for (let tries = 0; tries < 30 && spread(await placed()).length < 6; tries += 1) await sleep(1000);
    const after = await placed();
    expect(spread(after)).toHaveLength(6);
    const moved = keys.filter((key) => before.get(key) !== after.get(key)).length / keys.length;
    expect(moved).toBeGreaterThan(0.08);
    expect(moved).toBeLessThan(0.3);
  });

  it("a new host waits for its name, and the others do not", async () => {
    const host = "new.bowmark.ca";
    const changed = await stack("prod", {
      ...patch,
      "doks-systems:bowmark": { hosts: { paving: [app, paving, host] } },
    });
    await deploy(pods.client, edgeOf(changed));
    expect((await watched(client, paving, 2, 5)).failures).toEqual([]);
    expect(await client.refusal(host)).toBe("ECONNRESET");
    lead(pods, changed, address);
    await persistently(async () => {
      expect((await client.send(host, "/")).status).toBe(200);
    });
  }, 300_000);

  it("another ACME server: each certificate is issued anew, and again before it ends, and no request fails", async () => {
    const directory = "https://brief.example.com:8443/directory";
    const { machine } = pods.cluster;
    const brief = new Acme(machine, new Authority(), { directory, validSeconds: 180 });
    const changed = await stack("prod", { ...patch, "doks-systems:platform": { edge: { acmeServer: directory } } });
    lead(pods, changed, address, [[new URL(directory).hostname, serverAddresses.acme]]);
    const both = new EdgeClient(address, readFileSync(pods.cluster.authority ?? "", "utf8") + (await brief.root()));
    const seen = watched(both, gx, 3, 400);
    await deploy(pods.client, edgeOf(changed));
    expect(await seen).toMatchObject({ failures: [], serials: { length: 3 } });
    both.stop();
  }, 600_000);
});
