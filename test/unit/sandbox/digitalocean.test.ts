/** The simulated DigitalOcean: stateful, strict, in the form of the published document, faulty on demand. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Account } from "../../../sandbox/digitalocean/account.ts";
import { DigitalOcean } from "../../../sandbox/digitalocean/server.ts";
import { hasOpenApi, violations } from "../../support/digitalocean/openapi.ts";

const token = "dop_v1_test";
let folder: string;
let api: DigitalOcean;
const nodes: string[] = [];
let published: ReadonlyMap<string, readonly string[]>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "doks-api-"));
  nodes.length = 0;
  const host = {
    server: "https://127.0.0.1:1",
    ca: "ca",
    addNodes: (added: readonly { name: string }[]) => {
      nodes.push(...added.map(({ name }) => name));
      return Promise.resolve();
    },
    removeNodes: (names: readonly string[]) => {
      for (const name of names) nodes.splice(nodes.indexOf(name), 1);
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
  };
  const startHost = () => Promise.resolve(host);
  const publish = (hosts: typeof published) => (published = hosts);
  const account = new Account({ tokens: [token], startHost, settleMs: 0, bucketExists: () => true, publish });
  api = await DigitalOcean.start(account, join(folder, "log"));
});
afterEach(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: object, as = token) {
  const headers = { authorization: `Bearer ${as}`, "content-type": "application/json" };
  const answer = await fetch(api.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: text === "" ? undefined : JSON.parse(text),
  };
}
const clusterBody = (vpc: string) => ({
  name: "doks-test",
  region: "nyc1",
  version: "1.36.3-do.0",
  vpc_uuid: vpc,
  node_pools: [{ name: "system", size: "s-2vcpu-4gb", count: 2, tags: ["terraform:default-node-pool"] }],
});
const databaseBody = (vpc: string) => ({
  ...{ name: "db-test", engine: "pg", version: "16", size: "db-s-1vcpu-2gb", region: "nyc1", num_nodes: 2 },
  private_network_uuid: vpc,
});

const kafkaBody = {
  ...{ name: "kafka-test", engine: "kafka", version: "3.8", size: "db-s-2vcpu-4gb", region: "nyc1", num_nodes: 3 },
};

/** One of everything, made, read, changed and deleted. */
async function everything(): Promise<void> {
  const made = async (path: string, body: object, root: string) => {
    const { status, body: answer } = await call("POST", path, body);
    expect(status, `${path} ${JSON.stringify(answer)}`).toBe(201);
    return answer[root];
  };
  const vpc = await made("/v2/vpcs", { name: "vpc-test", region: "nyc1", ip_range: "10.20.0.0/20" }, "vpc");
  const natBody = { name: "nat", type: "PUBLIC", region: "nyc1", size: 1, vpcs: [{ vpc_uuid: vpc.id }] };
  const nat = await call("POST", "/v2/vpc_nat_gateways", natBody);
  expect(nat).toMatchObject({ status: 202, body: { vpc_nat_gateway: { vpcs: [{ gateway_ip: "10.20.0.2" }] } } });
  const gateway = `/v2/vpc_nat_gateways/${nat.body.vpc_nat_gateway.id}`;
  const cluster = await made("/v2/kubernetes/clusters", clusterBody(vpc.id), "kubernetes_cluster");
  const pools = `/v2/kubernetes/clusters/${cluster.id}/node_pools`;
  const pool = await made(
    pools,
    { name: "general", size: "s-4vcpu-8gb", count: 2, auto_scale: true, min_nodes: 2, max_nodes: 4 },
    "node_pool",
  );
  const database = await made("/v2/databases", databaseBody(vpc.id), "database");
  const inside = `/v2/databases/${database.id}`;
  await made(`${inside}/dbs`, { name: "app" }, "db");
  await made(`${inside}/users`, { name: "app" }, "user");
  await made(`${inside}/pools`, { name: "session", mode: "session", size: 5, db: "app", user: "app" }, "pool");
  const kafka = await made("/v2/databases", { ...kafkaBody, private_network_uuid: vpc.id }, "database");
  const topic = { name: "events", partition_count: 3, replication_factor: 3, config: { cleanup_policy: "delete" } };
  await made(`/v2/databases/${kafka.id}/topics`, topic, "topic");
  await made("/v2/registries", { name: "geo", subscription_tier_slug: "basic", region: "nyc3" }, "registry");
  await made("/v2/domains", { name: "example.com" }, "domain");
  const record = await made(
    "/v2/domains/example.com/records",
    { type: "A", name: "app", data: "192.0.2.1", ttl: 300 },
    "domain_record",
  );
  const project = await made(
    "/v2/projects",
    { name: "p", purpose: "Service or API", environment: "Staging" },
    "project",
  );
  const key = await made("/v2/spaces/keys", { name: "k", grants: [{ bucket: "b", permission: "readwrite" }] }, "key");
  const reads = [
    ...["/v2/vpc_nat_gateways", gateway],
    ...["/v2/account", "/v2/kubernetes/options", "/v2/kubernetes/clusters", pools, `${pools}/${pool.id}`],
    ...[`/v2/kubernetes/clusters/${cluster.id}`, `/v2/kubernetes/clusters/${cluster.id}/credentials`, "/v2/vpcs"],
    ...[
      inside,
      `${inside}/dbs/app`,
      `${inside}/users/app`,
      `${inside}/firewall`,
      `${inside}/pools/session`,
      `${inside}/ca`,
    ],
    ...[
      "/v2/databases",
      "/v2/databases/options",
      "/v2/registries",
      "/v2/registries/geo",
      "/v2/registries/subscription",
      "/v2/domains",
    ],
    ...["/v2/registries/geo/docker-credentials?read_write=false&expiry_seconds=60", "/v2/domains/example.com"],
    ...[
      `/v2/domains/example.com/records/${record.id}`,
      "/v2/projects",
      `/v2/projects/${project.id}`,
      "/v2/projects/default",
    ],
    `/v2/databases/${kafka.id}/topics/events`,
    ...["/v2/spaces/keys", `/v2/spaces/keys/${key.access_key}`, `/v2/vpcs/${vpc.id}`, `${inside}/eviction_policy`],
  ];
  for (const path of reads) expect((await call("GET", path)).status, path).toBe(200);
  const changes: [string, string, object][] = [
    [
      "PUT",
      `/v2/kubernetes/clusters/${cluster.id}`,
      { name: "doks-test", auto_upgrade: true, maintenance_policy: { day: "sunday", start_time: "04:00" } },
    ],
    ["POST", `/v2/kubernetes/clusters/${cluster.id}/upgrade`, { version: "1.36.3-do.0" }],
    ["PUT", `${pools}/${pool.id}`, { name: "general", count: 3, auto_scale: true, min_nodes: 3, max_nodes: 4 }],
    ["PUT", `${inside}/firewall`, { rules: [{ type: "k8s", value: cluster.id }] }],
    ["PUT", `${inside}/resize`, { size: "db-s-2vcpu-4gb", num_nodes: 2 }],
    ["PUT", `/v2/databases/${kafka.id}/topics/events`, { partition_count: 6, replication_factor: 3 }],
    ["PUT", `${inside}/maintenance`, { day: "sunday", hour: "04:00:00" }],
    ["PUT", `/v2/domains/example.com/records/${record.id}`, { type: "A", name: "app", data: "192.0.2.2", ttl: 300 }],
    ["PATCH", `/v2/projects/${project.id}`, { name: "p", description: "d" }],
    ["POST", `/v2/projects/${project.id}/resources`, { resources: [`do:kubernetes:${cluster.id}`] }],
    ["POST", "/v2/registries/subscription", { tier_slug: "professional" }],
    ["PUT", `/v2/spaces/keys/${key.access_key}`, { name: "k2", grants: [{ bucket: "b", permission: "read" }] }],
    ["PUT", gateway, { ...natBody, size: 2 }],
    ["PUT", `/v2/vpcs/${vpc.id}`, { name: "vpc-test", description: "d" }],
  ];
  for (const [method, path, body] of changes) {
    const { status, body: answer } = await call(method, path, body);
    expect(status, `${method} ${path} ${JSON.stringify(answer)}`).toBeLessThan(300);
  }
  expect((await call("DELETE", `/v2/vpcs/${vpc.id}`)).status, "a VPC with members").toBe(403);
  expect((await call("DELETE", `/v2/projects/${project.id}`)).status, "a project with resources").toBe(412);
  const removals = [
    ...[gateway, `/v2/databases/${kafka.id}/topics/events`, `/v2/databases/${kafka.id}`],
    ...[`${inside}/pools/session`, `${inside}/users/app`, `${inside}/dbs/app`, inside, `${pools}/${pool.id}`],
    ...[
      `/v2/kubernetes/clusters/${cluster.id}`,
      `/v2/projects/${project.id}`,
      `/v2/vpcs/${vpc.id}`,
      "/v2/registries/geo",
    ],
    ...[`/v2/domains/example.com/records/${record.id}`, "/v2/domains/example.com", `/v2/spaces/keys/${key.access_key}`],
  ];
  for (const path of removals) expect((await call("DELETE", path)).status, path).toBeLessThan(300);
}

describe("the simulated DigitalOcean", () => {
  it("makes, reads, changes and deletes one of everything, and keeps nothing", async () => {
    await everything();
    expect(api.account.inventory()).toEqual([]);
    // Those of the cluster itself went with it.
    expect(nodes.filter((name) => !name.startsWith("system-"))).toEqual([]);
  });

  it("tells where its records of addresses lead, after each change", async () => {
    await call("POST", "/v2/domains", { name: "example.com" });
    const records = "/v2/domains/example.com/records";
    const address = (name: string, data: string) => call("POST", records, { type: "A", name, data });
    await address("@", "192.0.2.1");
    await address("app", "192.0.2.2");
    const { body } = await address("app", "192.0.2.3");
    await call("POST", records, { type: "TXT", name: "app", data: "hello" });
    const addresses = (app: string[]) => ({ "example.com": ["192.0.2.1"], "app.example.com": app });
    expect(Object.fromEntries(published)).toEqual(addresses(["192.0.2.2", "192.0.2.3"]));
    await call("PUT", `${records}/${body.domain_record.id}`, { type: "A", data: "192.0.2.4" });
    expect(Object.fromEntries(published)).toEqual(addresses(["192.0.2.2", "192.0.2.4"]));
    await call("DELETE", `${records}/${body.domain_record.id}`);
    expect(Object.fromEntries(published)).toEqual(addresses(["192.0.2.2"]));
    await call("DELETE", "/v2/domains/example.com");
    expect(published.size).toBe(0);
  });

  it.skipIf(!hasOpenApi)("speaks as the published document says", async () => {
    await everything();
    expect(violations(api.journal)).toEqual([]);
  });
  if (!hasOpenApi)
    console.warn("skipped: conformance to DigitalOcean's OpenAPI document; set DIGITALOCEAN_OPENAPI to its file");

  it("refuses what DigitalOcean refuses, in its form", async () => {
    const { body } = await call("POST", "/v2/vpcs", { name: "v", region: "nyc1" });
    const refused: [number, string, object, RegExp][] = [
      [422, "/v2/kubernetes/clusters", { ...clusterBody(body.vpc.id), version: "1.30.1-do.0" }, /invalid version slug/],
      [422, "/v2/kubernetes/clusters", { ...clusterBody("elsewhere") }, /vpc not found/],
      [
        422,
        "/v2/kubernetes/clusters",
        { ...clusterBody(body.vpc.id), node_pools: [{ name: "a", size: "huge" }] },
        /specs\[0\]\.invalid droplet size/,
      ],
      [422, "/v2/databases", { ...databaseBody(body.vpc.id), size: "db-s-1vcpu-1gb" }, /^invalid node count$/],
      [422, "/v2/vpcs", { name: "v", region: "nyc1" }, /^a VPC with the same name already exists/],
      [422, "/v2/vpcs", { region: "nyc1" }, /name/],
    ];
    for (const [status, path, sent, message] of refused) {
      const answer = await call("POST", path, sent);
      expect(answer).toMatchObject({
        status,
        body: { id: "unprocessable_entity", message: expect.stringMatching(message) },
      });
    }
    expect(await call("GET", "/v2/vpcs", undefined, "wrong")).toMatchObject({
      status: 401,
      body: { id: "unauthorized" },
    });
    expect(await call("GET", "/v2/unheard-of")).toMatchObject({ status: 404, body: { id: "not_found" } });
  });

  it("gives twenty of a list, and says where more are", async () => {
    for (let i = 0; i < 25; i += 1) await call("POST", "/v2/spaces/keys", { name: `key-${i}`, grants: [] });
    const first = await call("GET", "/v2/spaces/keys");
    expect(first.body).toMatchObject({
      meta: { total: 25 },
      links: { pages: { next: expect.stringContaining("page=2") } },
    });
    expect(first.body.keys).toHaveLength(20);
    expect((await call("GET", "/v2/spaces/keys?page=2")).body.keys).toHaveLength(5);
  });

  it("limits calls in a minute, as DigitalOcean does", async () => {
    for (let i = 0; i < 250; i += 1) expect((await call("GET", "/v2/account")).status).toBe(200);
    expect(await call("GET", "/v2/account")).toMatchObject({ status: 429, body: { id: "too_many_requests" } });
  });

  it("has the faults that were planned, before or after the effect", async () => {
    api.faults.plan(
      { method: "GET", path: "/v2/account", times: 2, happens: { status: 429, headers: { "retry-after": "2" } } },
      { method: "POST", path: "/v2/vpcs", happens: { status: 500 }, commits: true },
      { method: "POST", path: "/v2/vpcs", happens: { status: 500 } },
      { method: "DELETE", path: /^\/v2\/vpcs\//, happens: "reset" },
    );
    const limited = await call("GET", "/v2/account");
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "2"]);
    expect((await call("GET", "/v2/account")).status).toBe(429);
    expect((await call("GET", "/v2/account")).status).toBe(200);
    expect((await call("POST", "/v2/vpcs", { name: "a", region: "nyc1" })).status).toBe(500);
    const [id = ""] = [...api.account.vpcs.keys()].slice(-1);
    expect(api.account.inventory()).toEqual([`vpc ${id}`]);
    await expect(call("DELETE", `/v2/vpcs/${id}`)).rejects.toThrow("fetch failed");
    expect(api.account.inventory()).toEqual([`vpc ${id}`]);
    expect(api.journal.map(({ faulty }) => faulty)).toEqual([true, true, false, true, true]);
  });

  it("is on loopback alone", () => {
    expect(new URL(api.url).hostname).toBe("127.0.0.1");
  });
});
