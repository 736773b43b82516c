/** That probes, Prometheus and network policies are judged: each with what is wrong, and with what is right. */
import { afterEach, describe, expect, it } from "vitest";
import { freePorts } from "../../sandbox/processes.ts";
import type { Loose } from "../support/stack.ts";
import type { Check } from "../../sandbox/applications/facts/fact.ts";
import { containerWith, identity, judged, later, object, run, takeDown, withKeys } from "./given.ts";
import { blocked } from "./network.ts";
import { Broker, life } from "./verdict.ts";

afterEach(takeDown);

const http = (path: string, scheme?: string) => ({ httpGet: { path, port: "http", ...(scheme ? { scheme } : {}) } });
const ports = [{ name: "http", containerPort: 8080 }];
const listens: Check = { kind: "listens", on: ["PORT", "8080"] };
const healthy: Check = { kind: "serves", path: "/health", status: 200 };
const health: Check = { kind: "serves", path: "/health", status: 200, away: 503 };
describe("a kubelet finds", () => {
  it("a path that is not served, and one that is", async () => {
    const asking = (path: string) =>
      judged({ kind: "serves", path, status: path === "/health" ? 404 : 200 }, [listens], {
        spec: { ports, readinessProbe: http(path) },
      });
    expect(await asking("/health")).toEqual(["readiness: GET /health of port 8080: 404"]);
    expect(await asking("/ready")).toEqual([]);
  });

  it("a port that nobody listens on, also when it listens for this machine only", async () => {
    const spec = { ports, startupProbe: { tcpSocket: { port: "http" } } };
    const nothing = ["startup: nothing listens on port 8080"];
    expect(await judged(listens, [], { spec })).toEqual([]);
    expect(await judged(listens, [], { spec, env: { PORT: "9000" } })).toEqual(nothing);
    expect(await judged(listens, [], { spec, env: { PORT: "127.0.0.1:8080" } })).toEqual(nothing);
  });

  it("a liveness that another's outage fails, and a readiness that may", async () => {
    const spec = { ports, livenessProbe: http("/health"), readinessProbe: http("/health") };
    expect(await judged(health, [listens], { spec })).toEqual(["liveness: GET /health of port 8080: 503"]);
    const ending: Check = { kind: "serves", path: "/health", status: 200, away: "ends" };
    expect(await life(await run([listens, ending], { spec }))).toContainEqual("a probe ended it");
  });

  it("a readiness that a quiet week fails, unless the threshold is more", async () => {
    const quiet = { variable: "LAG_MS", ms: 604_800_000, status: 503 };
    const asked = (ms: string) =>
      judged({ kind: "serves", path: "/readyz", status: 200, quiet }, [listens], {
        ...{ spec: { ports, readinessProbe: http("/readyz") }, env: { LAG_MS: ms } },
      });
    expect(await asked("5000")).toEqual(["readiness: GET /readyz of port 8080: 503"]);
    expect(await asked("31536000000")).toEqual([]);
  });

  it.skipIf(identity === undefined)(
    "that it has no client certificate, while the application asks for one",
    async () => {
      const tls = { certificate: "/keys/a.pem", key: "/keys/a.pem", clients: "$CA" };
      const secured: Check = { kind: "listens", on: ["8080"], tls };
      const { spec, ...rest } = withKeys(0o440);
      const given = (ca: string) => ({
        ...{ ...rest, spec: { ...spec, ports, livenessProbe: http("/health", "HTTPS") }, env: { CA: ca } },
      });
      expect(await life(await run([secured, health], given("/keys/a.pem")))).not.toEqual([]);
      expect(await judged(healthy, [secured], given(""))).toEqual([]);
    },
  );

  it("a consumer that lost its broker, by a command that looks for the connection", async () => {
    const [port = 0] = await freePorts(1);
    const hex = port.toString(16).toUpperCase().padStart(4, "0");
    const exec = { command: ["sh", "-c", `grep -q ':${hex} 01 ' /proc/net/tcp`] };
    const check: Check = { kind: "holds", port: "BROKER", restartSeconds: 60 };
    const asked = async (livenessProbe: Loose) => {
      const broker = await Broker.open(port);
      later(() => broker?.close());
      return judged(check, [], { spec: { livenessProbe }, env: { BROKER: String(port) }, broker });
    };
    expect(await asked({ exec, periodSeconds: 30, failureThreshold: 10 })).toEqual([]);
    await takeDown();
    expect(await asked({ exec: { command: ["true"] }, periodSeconds: 30, failureThreshold: 10 })).toEqual([
      "liveness passes without a connection",
    ]);
    await takeDown();
    expect(await asked({ exec })).toEqual(["restarted after 30 s, before its broker is back"]);
  });

  it("who does not hear SIGTERM as process 1", async () => {
    expect(await life(await run([{ kind: "deaf" }], {}))).toEqual(["it does not end on SIGTERM"]);
    expect(await life(await run([{ kind: "deaf" }], { orders: { first: false } }))).toEqual([]);
  });
});

it("two at a time are seen in replicas, in an autoscaler and in an update", async () => {
  const single = (deployment: Loose, ...objects: Loose[]) => judged({ kind: "single" }, [], { deployment, objects });
  const scaler = object("HorizontalPodAutoscaler", "app", { spec: { scaleTargetRef: { name: "app" } } });
  const strategy = { type: "Recreate" };
  expect(await single({ replicas: 1, strategy })).toEqual([]);
  expect(await single({ replicas: 2, strategy })).toEqual(["replicas: 2"]);
  expect(await single({ strategy }, scaler)).toEqual(["replicas: scaled"]);
  expect(await single({ replicas: 1 })).toEqual(["an update runs two at a time"]);
});

it("an end that comes too early or too late is seen in preStop and grace", async () => {
  const ending = (seconds: number, drains = false) =>
    judged({ kind: "ends", afterMs: 1000, drains }, [], { spec: { lifecycle: { preStop: { sleep: { seconds } } } } });
  expect(await ending(10)).toEqual([]);
  expect(await ending(0, true)).toEqual([]);
  expect(await ending(0)).toEqual(["it ends while requests still come: preStop is shorter than 5 s"]);
  expect(await ending(29)).toEqual(["killed after 30000 ms, of which it waits 29000"]);
});

it("Prometheus takes no JSON for metrics", async () => {
  const metrics = (type: string): Check => ({ kind: "serves", path: "/metrics", status: 200, type });
  const service = object("Service", "app", {
    spec: { selector: { app: "app" }, ports: [{ name: "http", targetPort: "http" }] },
  });
  service.metadata.labels = { service: "app" };
  const monitor = object("ServiceMonitor", "app", {
    spec: { selector: { matchLabels: { service: "app" } }, endpoints: [{ port: "http" }] },
  });
  const given = { spec: { ports }, objects: [service, monitor] };
  expect(await judged(metrics("text/plain; version=0.0.4"), [listens], given)).toEqual([]);
  expect(await judged(metrics("application/json"), [listens], given)).toEqual([
    "Prometheus: GET /metrics of port 8080: 200, application/json",
  ]);
});

it("an egress that is missing keeps a pod off, a Service's target port counts", () => {
  const pods = { template: { metadata: { labels: { app: "store" } }, spec: { containers: [{}] } } };
  const store = object("Service", "store", {
    spec: { selector: { app: "store" }, ports: [{ port: 80, targetPort: 8080 }] },
  });
  const policy = (to: Loose[], port: number) =>
    object("NetworkPolicy", "app", {
      spec: {
        ...{ podSelector: { matchLabels: { app: "app" } }, policyTypes: ["Egress"] },
        egress: [{ to, ports: [{ port }] }],
      },
    });
  const from = (...objects: Loose[]) =>
    containerWith({ objects: [object("StatefulSet", "store", { spec: pods }), store, ...objects] });
  const inside = [{ podSelector: { matchLabels: { app: "store" } } }];
  expect(blocked(from(policy(inside, 8080)), "http://store/x")).toEqual([]);
  expect(blocked(from(policy(inside, 80)), "http://store/x")).toEqual(["store:80 is kept off by a NetworkPolicy"]);
  expect(blocked(from(), "store:81")).toEqual(["store:81 is no port of that Service"]);
  const world = [{ ipBlock: { cidr: "0.0.0.0/0" } }];
  expect(blocked(from(policy(world, 443)), "tools:https://a.example.com,b.example.com:443")).toEqual([]);
  expect(blocked(from(policy(inside, 8080)), "https://a.example.com")).toHaveLength(1);
});
