/** GX Protocol as its published images need it: the values come from starting the applications with what is rendered. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { stack } from "../../support/stack.ts";
import { instead, published, stacks, volumeAt, watched, writable } from "./support.ts";

const { key, render, refused } = published("gx");

const workers = ["outbox-submitter", "projector"];
const all = ["svc-identity", ...workers];
/** Every stack with the workers: the local one leaves Fabric out. */
const withFabric = (name: string, settings: object = {}) => render(name, { fabric: {}, ...settings });
const own = (workload: string, settings: object) => ({ workloads: { [workload]: settings } });
const tenYears = 10 * 365 * 24 * 3600 * 1000;
const outboxOf = (replicas: object) => ({ fabric: {}, ...own("outbox-submitter", replicas) });
const overTls = instead({ kind: "existing", host: "redis.example.com", tls: true });

describe.each(stacks)("in %s", (name) => {
  it("real gx 1: DATABASE_URL begins with postgresql://", async () => {
    const one = await withFabric(name);
    for (const each of all) expect(one.variable(one.main(each), "DATABASE_URL"), each).toMatch(/^postgresql:\/\//);
  });

  it("real gx 1: no system has a URL that begins with postgres://", async () => {
    const one = await stack(name);
    const urls = JSON.stringify(one.rendering.resources.map(({ inputs }) => inputs)).match(/\bpostgres(ql)?:\/\//g);
    expect(new Set(urls)).toEqual(new Set(["postgresql://"]));
  });

  it("real gx 2: REDIS_URL begins with redis://, of a Redis in the cluster", async () => {
    const one = await render(name);
    expect(one.variable(one.main("svc-identity"), "REDIS_URL")).toMatch(/^redis:\/\//);
    expect(one.names("StatefulSet")).toContain("redis");
  });

  it("real gx 2: a Redis over TLS is refused until the image can use it", async () => {
    const [problem] = refused(name, { redis: overTls });
    expect(String(problem?.path)).toContain(`${key}.redis`);
    expect(`${problem?.problem ?? ""} ${problem?.fix ?? ""}`).toMatch(/rediss:|TLS/);
    expect(problem?.fix).toContain("redisTls");
    const one = await render(name, { redis: overTls, imageSupports: { redisTls: true } });
    expect(one.variable(one.main("svc-identity"), "REDIS_URL")).toMatch(/^rediss:\/\/.*@redis\.example\.com/);
  });

  it("real gx 3: the migration is a choice that every stack makes", () => {
    expect(refused(name, { migration: null })[0]?.path).toBe(`${key}.migration`);
    expect(String(refused(name, { migration: { image: "svc-identity", command: null } })[0]?.path)).toContain(
      `${key}.migration`,
    );
  });

  it("real gx 3: without a migration there is no Job, and a notice", async () => {
    const one = await render(name, { migration: "none" });
    expect(one.names("Job").filter((job) => job.startsWith("gx-migrate"))).toEqual([]);
    expect(one.notices(`${key}.migration`)).toHaveLength(1);
  });

  it("real gx 3: a migration runs the image and the command that it is given, before everything else", async () => {
    const command = ["sh", "-c", "cd /app/db && npx prisma migrate deploy"];
    const one = await withFabric(name, { migration: { image: "gx-migrations", command } });
    const job = one.jobOf("gx-migrate");
    expect(one.main(job, "Job")).toMatchObject({ command, image: expect.stringMatching(/\/gx-migrations[:@]/) });
    for (const each of all) expect(one.awaitedBy(each), each).toContain(`Job/${job}`);
    expect(one.notices(`${key}.migration`)).toEqual([]);
    const whole = { image: "ghcr.io/acme/gx-migrations:1.2.0", command };
    const other = await render(name, { migration: whole });
    expect(other.main(other.jobOf("gx-migrate"), "Job").image).toBe(whole.image);
  });

  it("real gx 4: a quiet chain takes no API pod out, and a notice says so", async () => {
    const one = await render(name);
    const { readinessProbe } = one.main("svc-identity");
    expect(readinessProbe.httpGet.path).toBe("/readyz");
    expect(Number(one.content("ConfigMap", "backend-config")["PROJECTION_LAG_THRESHOLD_MS"])).toBeGreaterThanOrEqual(
      tenYears,
    );
    expect(Number(one.variable(one.main("svc-identity"), "PROJECTION_LAG_THRESHOLD_MS"))).toBeGreaterThanOrEqual(
      tenYears,
    );
    expect(one.notices(key).filter((text) => /PROJECTION_LAG_THRESHOLD_MS|readyz/.test(text))).not.toEqual([]);
  });

  it("real gx 5: one outbox-submitter, which holds its locks for five minutes, and a notice says why", async () => {
    const one = await withFabric(name);
    expect(one.object("Deployment", "outbox-submitter").spec.replicas).toBe(1);
    expect(one.variable(one.main("outbox-submitter"), "LOCK_TIMEOUT")).toBe("300000");
    expect(
      one.notices(`${key}.workloads.outbox-submitter`).filter((text) => /twice|duplicate/.test(text)),
    ).toHaveLength(1);
  });

  it("real gx 5: an update never runs two at once", async () => {
    const { spec } = (await withFabric(name)).object("Deployment", "outbox-submitter");
    expect(spec.strategy).toEqual({ type: "Recreate" });
  });

  it("real gx 5: a second one is refused, until the stack says that commands may run twice", async () => {
    const settings = outboxOf({ replicas: 2 });
    expect(refused(name, settings).map(({ path }) => path)).toEqual([`${key}.workloads.outbox-submitter.replicas`]);
    const one = await render(name, { ...settings, acceptDuplicateCommands: true });
    expect(one.object("Deployment", "outbox-submitter").spec.replicas).toBe(2);
  });

  it("real gx 6: commands outlive an outage of a minute, and a dead letter raises an alert", async () => {
    const one = await render(name, { fabric: {} }, watched);
    expect(Number(one.variable(one.main("outbox-submitter"), "MAX_RETRIES"))).toBeGreaterThanOrEqual(600);
    expect(one.notices(key).filter((text) => text.includes("MAX_RETRIES"))).not.toEqual([]);
    const lost = /increase\(outbox_commands_processed_total\{([^}]*,)?\s*status="max_retries"[^}]*\}\[10m\]\)+ > 0/;
    expect(Object.values(one.alerts()).filter(({ expr }) => lost.test(expr))).toHaveLength(1);
  });

  it("real gx 7: alerts and dashboard know the names and statuses that the API exports", async () => {
    const one = await render(name, {}, watched);
    for (const alert of ["APIErrorRateHigh", "APIErrorRatioHigh"]) {
      const { expr } = one.alerts()[alert];
      for (const part of ["(http_)?http_requests_total", "5XX", "5.."]) expect(expr, alert).toContain(part);
    }
    const [model = ""] = Object.values(one.content("ConfigMap", "gx-dashboard"));
    expect(model).toContain("(http_)?http_requests_total");
    expect(model).not.toContain("rate(http_requests_total");
  });

  it("real gx 7: a height that stands still raises an alert, and the lag's alert says that it cannot", async () => {
    const alerts = (await render(name, { fabric: {} }, watched)).alerts();
    const still = /\b(changes|increase|delta|rate|deriv)\b.*\bprojector_blockchain_height\b/;
    expect(Object.values(alerts).filter(({ expr }) => still.test(expr))).toHaveLength(1);
    const lag = JSON.stringify(alerts["ProjectorLagging"].annotations);
    for (const part of [/published image/, /cannot|never/]) expect(lag).toMatch(part);
  });

  it("real gx 8: the peer's certificate may carry another name than its host", async () => {
    const named = await withFabric(name, { fabric: { tlsServerName: "peer0.org1.example.com" } });
    const plain = await withFabric(name);
    for (const each of workers) {
      const read = (one: typeof plain) => one.variable(one.main(each), "FABRIC_TLS_SERVER_NAME_OVERRIDE");
      expect([read(named), read(plain)]).toEqual(["peer0.org1.example.com", undefined]);
    }
  });

  it("real gx 8: a peer outside the cluster is reached on its port, by the workers alone", async () => {
    const one = await withFabric(name, { fabric: { peer: { kind: "outside", host: "peer.example.com" }, port: 9051 } });
    for (const each of workers) {
      expect(one.variable(one.main(each), "FABRIC_PEER_ENDPOINT"), each).toBe("peer.example.com:9051");
      expect(one.internetPorts(each), each).toEqual([9051]);
    }
    expect(one.internetPorts("svc-identity")).toEqual([]);
  });

  it("real gx 8: a peer in the cluster is reached in its namespace", async () => {
    const peer = { kind: "in-cluster", namespace: "ledger", service: "peer1" };
    const one = await withFabric(name, { fabric: { peer } });
    for (const each of workers) {
      expect(one.variable(one.main(each), "FABRIC_PEER_ENDPOINT")).toBe("peer1.ledger.svc.cluster.local:7051");
      expect(one.neighbourPorts(each, "ledger").map(([, port]) => port)).toEqual([7051]);
    }
  });

  it.each([
    [3, {}],
    [5, { connectionLimit: 5 }],
  ])("real gx 9: a process opens at most %i connections", async (limit, settings) => {
    const one = await withFabric(name, settings);
    for (const each of all) {
      const url = new URL(one.variable(one.main(each), "DATABASE_URL") ?? "");
      expect(url.searchParams.get("connection_limit"), each).toBe(String(limit));
    }
  });

  it.each(all)("real gx 10: %s writes to /tmp alone, as user 1000", async (each) => {
    const spec = (await withFabric(name)).pod(each);
    expect(spec.securityContext).toMatchObject({ runAsUser: 1000, runAsNonRoot: true });
    expect(spec.containers[0].securityContext.readOnlyRootFilesystem).toBe(true);
    expect(writable(spec)).toEqual(["/tmp"]);
    const preStopSeconds = spec.containers[0].lifecycle?.preStop.sleep.seconds ?? 0;
    expect(spec.terminationGracePeriodSeconds - preStopSeconds).toBeGreaterThan(5);
  });

  it.each(workers)("real gx 10: %s reads the Fabric files, and neither JWT_SECRET nor REDIS_URL", async (each) => {
    const one = await withFabric(name);
    const { secret } = volumeAt(one.pod(each), "/etc/fabric");
    expect(secret).toEqual({ secretName: "fabric-credentials", defaultMode: 0o440 });
    for (const variable of ["JWT_SECRET", "REDIS_URL"]) expect(one.variable(one.main(each), variable)).toBeUndefined();
  });
});

describe("what a stack may say instead", () => {
  it.each(["prod", "staging"])("real gx 2: in %s a managed Redis, once the image can use it", (name) => {
    const redis = instead({ kind: "managed", size: "db-s-1vcpu-1gb" });
    expect(refused(name, { redis })[0]?.path).toBe(`${key}.redis.kind`);
    expect(refused(name, { redis, imageSupports: { redisTls: true } })).toEqual([]);
    expect(refused(name, { redis: { ...overTls, tls: false } })).toEqual([]);
  });

  it("real gx 3: a runbook says what the repository's first two migrations need", () => {
    const pages = readdirSync("docs/runbooks").filter((file) => file.endsWith(".md"));
    const runbooks = pages.map((file) => readFileSync(`docs/runbooks/${file}`, "utf8"));
    expect(runbooks.filter((text) => text.includes("migrate resolve"))).not.toEqual([]);
  });

  it("real gx 4: the document's threshold, or readiness that asks for no threshold", async () => {
    const short = await render("prod", own("svc-identity", { env: { PROJECTION_LAG_THRESHOLD_MS: "5000" } }));
    expect(short.variable(short.main("svc-identity"), "PROJECTION_LAG_THRESHOLD_MS")).toBe("5000");
    const healthy = await render("prod", own("svc-identity", { probes: { readiness: { http: { path: "/health" } } } }));
    expect(healthy.main("svc-identity").readinessProbe).toMatchObject({
      httpGet: { path: "/health", port: "http" },
      periodSeconds: 5,
    });
  });

  it("real gx 5: no autoscaler of the outbox either, unless commands may run twice", () => {
    const settings = outboxOf({ autoscaling: { min: 1, max: 3 } });
    expect(String(refused("prod", settings)[0]?.path)).toContain(`${key}.workloads.outbox-submitter`);
    expect(refused("prod", { ...settings, acceptDuplicateCommands: true })).toEqual([]);
  });

  it("real gx 5 and 6: the document's lock and retries, for the ConfigMap or for one workload", async () => {
    const values = { LOCK_TIMEOUT: "30000", MAX_RETRIES: "5" };
    for (const settings of [{ config: values }, own("outbox-submitter", { env: values })]) {
      const one = await render("prod", settings);
      const read = Object.keys(values).map((each) => one.variable(one.main("outbox-submitter"), each));
      expect(read).toEqual(["30000", "5"]);
    }
  });

  it("real gx 8: a peer of a private network", async () => {
    const peer = {
      kind: "outside",
      host: "peer.internal.example",
      where: { kind: "private", addresses: ["10.116.0.0/20"] },
    };
    const one = await withFabric("prod", { fabric: { peer } });
    for (const each of workers) {
      expect(one.internetPorts(each)).toEqual([]);
      expect(one.egress(each)).toContainEqual({
        to: [{ ipBlock: { cidr: "10.116.0.0/20" } }],
        ports: [{ protocol: "TCP", port: 7051 }],
      });
    }
  });

  it.each(["staging", "local"])(
    "real gx 9: in %s PostgreSQL has room for every process, or a notice says so",
    async (name) => {
      const wide = await withFabric(name, { connectionLimit: 40 });
      const processes = all.reduce((sum: number, each) => sum + wide.mostPods(each), 0);
      expect(wide.maxConnections("postgres")).toBeGreaterThanOrEqual(40 * processes);
      const database = { kind: "in-cluster", parameters: { max_connections: "50" } };
      const narrow = await withFabric(name, { connectionLimit: 40, database });
      expect(narrow.notices(`${key}.database`).filter((text) => text.includes("connection"))).toHaveLength(1);
    },
  );
});
