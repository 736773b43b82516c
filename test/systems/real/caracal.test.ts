/** Caracal as its published images need it: the values come from starting the applications with what is rendered. */
import { describe, expect, it } from "vitest";
import type { Patch } from "../../../graph/render/configuration.ts";
import type { Loose } from "../../support/stack.ts";
import { instead, published, stacks, volumeAt, watched, writable, type PublishedStack } from "./support.ts";

const { key, render } = published("caracal");

const gateway = "caracal-gateway";
const adapter = "caracal-mcp-adapter";
const consumers = ["caracal-ledger-writer", "caracal-metrics-aggregator", "caracal-audit-logger"];
const services = [gateway, adapter, ...consumers];
const own = (workload: string, settings: object) => ({ workloads: { [workload]: settings } });
const migration = (one: PublishedStack) => one.jobOf("caracal-db-migrate");

/** How startup, readiness and liveness ask, their timings left out. */
const handlers = (container: Loose): Loose[] =>
  ["startupProbe", "readinessProbe", "livenessProbe"].map((name) => {
    const { httpGet, tcpSocket, exec } = container[name];
    return httpGet ?? tcpSocket ?? exec;
  });
/** A probe that opens a port, by its name or its number. */
const [https, http] = [
  [{ port: "https" }, { port: 8443 }],
  [{ port: "http" }, { port: 8080 }],
];

/** Series that no process of the application exports, or that are 0 in every one. */
const neverExported =
  /caracal_kafka_consumer_lag|caracal_dlq_size|caracal_merkle_batches_created_total|caracal_metering_events_total/;

describe.each(stacks)("in %s", (name) => {
  it("real caracal 1: one Python process migrates, with a home that it can write", async () => {
    const one = await render(name);
    const spec = one.pod(migration(one), "Job");
    expect(spec.initContainers ?? []).toEqual([]);
    expect(spec.containers).toHaveLength(1);
    const [container] = spec.containers;
    expect(container.command[0]).toMatch(/(^|\/)python3?$/);
    expect(one.variable(container, "HOME")).toBe("/tmp");
    expect(writable(spec)).toContain("/tmp");
  });

  it("real caracal 1: the migration reads the database from the ConfigMap and its password from the Secret", async () => {
    const one = await render(name);
    const container = one.main(migration(one), "Job");
    expect(container.envFrom).toContainEqual({ configMapRef: { name: "caracal-config-v03" } });
    for (const each of ["DB_HOST", "DB_PORT", "DB_NAME", "DB_USER"])
      expect(one.variable(container, each), each).toBeTruthy();
    const password = one.content("Secret", "caracal-secrets")["DB_PASSWORD"];
    expect(one.variable(container, "DB_PASSWORD")).toBe(password);
    expect(Object.values(one.content("ConfigMap", "caracal-config-v03"))).not.toContain(password);
    for (const each of services) expect(one.awaitedBy(each), each).toContain(`Job/${migration(one)}`);
  });

  it("real caracal 2: the gateway forwards to the internet on 443, and nobody else does", async () => {
    const one = await render(name);
    expect(one.internetPorts(gateway)).toEqual([443]);
    for (const each of [adapter, ...consumers]) expect(one.internetPorts(each), each).toEqual([]);
  });

  it("real caracal 2: further targets of the gateway are the stack's to name", async () => {
    const reaches = {
      billing: { kind: "pods", namespace: "billing", labels: { app: "billing" }, ports: [8000] },
      partner: { kind: "internet", ports: [8443] },
    };
    const one = await render(name, own(gateway, { reaches }));
    expect(one.internetPorts(gateway)).toEqual([443, 8443]);
    expect(one.neighbourPorts(gateway, "billing")).toEqual([[{ app: "billing" }, 8000]]);
  });

  it("real caracal 3: the adapter listens on 8080, whatever the gateway's ConfigMap says", async () => {
    const one = await render(name);
    const { env, ports } = one.main(adapter);
    expect(env).toContainEqual({ name: "LISTEN_ADDRESS", value: "0.0.0.0:8080" });
    expect(ports).toContainEqual({ name: "http", containerPort: 8080 });
    expect(one.variable(one.main(gateway), "LISTEN_ADDRESS")).toBe("0.0.0.0:8443");
  });

  it("real caracal 3: the adapter knows the MCP servers by name, and reaches them", async () => {
    const mcpServers = {
      search: "https://mcp.example.com",
      maps: "https://maps.example.com:9443/mcp",
      files: "http://files.tools.svc.cluster.local:9000",
    };
    const one = await render(name, { mcpServers });
    expect(one.variable(one.main(adapter), "MCP_SERVERS")?.split(",").toSorted()).toEqual([
      "files:http://files.tools.svc.cluster.local:9000",
      "maps:https://maps.example.com:9443/mcp",
      "search:https://mcp.example.com",
    ]);
    expect(one.internetPorts(adapter)).toEqual([443, 9443]);
    expect(one.neighbourPorts(adapter, "tools").map(([, port]) => port)).toEqual([9000]);
  });

  it("real caracal 4: nothing pretends that the gateway has a port for metrics", async () => {
    const one = await render(name, {}, watched);
    expect(one.main(gateway).ports).toEqual([{ name: "https", containerPort: 8443 }]);
    expect(one.names("Service")).not.toContain("caracal-gateway-metrics");
    const targets = one.all("ServiceMonitor").map(({ inputs }) => (inputs as Loose).metadata.name);
    expect(targets).not.toContain(gateway);
  });

  it("real caracal 4: with mTLS the gateway is ready and alive when its port takes connections", async () => {
    const [startup, readiness, liveness] = handlers((await render(name)).main(gateway));
    for (const probe of [startup, readiness, liveness]) expect(https).toContainEqual(probe);
  });

  it("real caracal 5: a store or an MCP server that is away restarts no adapter", async () => {
    const [startup, readiness, liveness] = handlers((await render(name)).main(adapter));
    for (const probe of [startup, liveness]) expect(http).toContainEqual(probe);
    expect(readiness).toEqual({ path: "/health", port: "http" });
  });

  it("real caracal 5: without mTLS the gateway is asked for its health when it is ready, and never to live", async () => {
    const [startup, readiness, liveness] = handlers((await render(name, { mtls: false })).main(gateway));
    for (const probe of [startup, liveness]) expect(https).toContainEqual(probe);
    expect(readiness).toEqual({ path: "/health", port: "https", scheme: "HTTPS" });
  });

  it("real caracal 6: without mTLS the image is told of no authority; with it, of the mounted one", async () => {
    const [open, closed] = [await render(name, { mtls: false }), await render(name)];
    expect(open.variable(open.main(gateway), "TLS_CA_FILE")).toBe("");
    const file = closed.variable(closed.main(gateway), "TLS_CA_FILE") ?? "";
    const { secret } = volumeAt(closed.pod(gateway), file.replace("/ca.crt", ""));
    expect(Object.keys(closed.content("Secret", secret.secretName))).toContain("ca.crt");
  });

  it.each(services)("real caracal 7: %s writes where the image does, and nowhere else", async (which) => {
    const one = await render(name);
    expect(one.variable(one.main(which), "HOME")).toBe("/tmp");
    expect(writable(one.pod(which))).toEqual(["/etc/caracal/config", "/tmp", "/var/log/caracal"]);
    expect(one.main(which).securityContext.readOnlyRootFilesystem).toBe(true);
  });

  it("real caracal 8: every alert is about a series that the application exports", async () => {
    const alerts = (await render(name, {}, watched)).alerts();
    expect(JSON.stringify(alerts)).toContain("caracal_metering_events_processed_total");
    expect(Object.keys(alerts)).not.toContain("CaracalMerkleStalled");
    for (const [alert, { expr }] of Object.entries(alerts)) expect(expr, alert).not.toMatch(neverExported);
  });

  it("real caracal 8: no panel of the dashboard is empty for ever", async () => {
    const [model = ""] = Object.values((await render(name, {}, watched)).content("ConfigMap", "caracal-dashboard"));
    expect(model).toContain("panels");
    expect(model).not.toMatch(neverExported);
  });

  it("real caracal 9: libpq is told its TLS by the name that it reads", async () => {
    const config = (await render(name)).content("ConfigMap", "caracal-config-v03");
    expect(config).not.toHaveProperty("DB_SSLMODE");
    expect(config["PGSSLMODE"]).toBe("disable");
  });

  it("real caracal 9: a notice says that consumers do not stop at SIGTERM", async () => {
    const told = (await render(name)).notices(key).filter((text) => text.includes("SIGTERM"));
    expect(told).not.toEqual([]);
  });
});

describe("what a stack may say instead", () => {
  it("real caracal 1: the document's command, for an image in which it works", async () => {
    const command = ["caracal", "db", "migrate", "up"];
    const one = await render("prod", own("caracal-db-migrate", { command, image: "caracal-cli" }));
    const container = one.main(migration(one), "Job");
    expect(container).toMatchObject({ command, image: expect.stringMatching(/\/caracal-cli:v0\.3$/) });
  });

  it("real caracal 3: an address and servers of its own for the adapter", async () => {
    const env = { LISTEN_ADDRESS: "0.0.0.0:9000", MCP_SERVERS: "one:https://one.example.com" };
    const one = await render("prod", own(adapter, { env }));
    for (const [variable, value] of Object.entries(env)) expect(one.variable(one.main(adapter), variable)).toBe(value);
  });

  it("real caracal 3: an MCP server of the cluster, and then nothing of the internet", async () => {
    const one = await render("prod", { mcpServers: { files: "http://files.tools.svc.cluster.local" } });
    expect(one.internetPorts(adapter)).toEqual([]);
    expect(one.neighbourPorts(adapter, "tools").map(([, port]) => port)).toEqual([80]);
  });

  it("real caracal 4 and 5: probes by HTTP, for images that answer them", async () => {
    const liveness = { http: { path: "/health", port: "http" } };
    const one = await render("prod", own(adapter, { probes: { liveness, startup: "off" } }));
    expect(one.main(adapter).livenessProbe.httpGet).toEqual(liveness.http);
    expect(one.main(adapter).livenessProbe).not.toHaveProperty("tcpSocket");
    expect(one.main(adapter)).not.toHaveProperty("startupProbe");
  });

  it("real caracal 7: more room for logs, or no writable folder for the configuration", async () => {
    const paths = { "/var/log/caracal": "2Gi", "/etc/caracal/config": false };
    const one = await render("prod", own("caracal-audit-logger", { writable: paths }));
    const spec = one.pod("caracal-audit-logger");
    expect(writable(spec)).toEqual(["/tmp", "/var/log/caracal"]);
    expect(volumeAt(spec, "/var/log/caracal").emptyDir.sizeLimit).toBe("2Gi");
  });

  it("real caracal 9: TLS to a database elsewhere, and another grace period", async () => {
    const database = instead({ kind: "existing", host: "db.example.com", user: "caracal", tls: "require" });
    const one = await render("prod", { database, ...own("caracal-ledger-writer", { graceSeconds: 20 }) });
    expect(one.content("ConfigMap", "caracal-config-v03")["PGSSLMODE"]).toBe("require");
    expect(one.pod("caracal-ledger-writer").terminationGracePeriodSeconds).toBe(20);
  });

  it("real caracal 9: brokers that ask for a name and a password, with a notice that the image's wait knows neither", async () => {
    const security = { protocol: "SASL_SSL", mechanism: "SCRAM-SHA-512", username: "caracal" };
    const kafka = { kind: "existing", bootstrapServers: ["kafka.example.com:9092"], security };
    const told = async (settings: Patch) => (await render("prod", settings)).notices(key);
    expect((await told({ kafka })).filter((text) => text.includes("SASL"))).toHaveLength(1);
    expect((await told({})).filter((text) => text.includes("SASL"))).toEqual([]);
  });
});
