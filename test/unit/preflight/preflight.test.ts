/** What preflight finds, asked of a simulated DigitalOcean. */
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { DigitalOceanApi } from "../../../preflight/api.ts";
import { checkSurroundings } from "../../../preflight/checks.ts";
import { findOrphan, importCommand, orphanKinds } from "../../../preflight/orphans.ts";
import { reach } from "../../../preflight/reach.ts";
import { readStackFile, type Patch } from "../../../graph/render/configuration.ts";
import { Account } from "../../../sandbox/digitalocean/account.ts";
import { parseSettings } from "../../../systems/settings.ts";
import { simulatedAccount } from "../../support/digitalocean/simulated-account.ts";

const key = "doks-systems:platform";
/** One whose clusters have a server that nobody answers for. */
const simulated = simulatedAccount(() => {
  const nothing = () => Promise.resolve();
  const host = { server: "https://127.0.0.1:1", ca: "", addNodes: nothing, removeNodes: nothing, stop: nothing };
  return new Account({
    tokens: ["good"],
    startHost: () => Promise.resolve(host),
    settleMs: 0,
    bucketExists: () => false,
  });
});

const check = (patch: Patch = {}, token = "good", stack = "prod") => {
  const { platform, facts } = parseSettings(stack, readStackFile(stack, patch));
  return checkSurroundings(stack, platform, token, facts);
};
const post = (path: string, body: object) =>
  fetch(simulated.api.url + path, {
    method: "POST",
    headers: { authorization: "Bearer good" },
    body: JSON.stringify(body),
  });

describe("preflight", () => {
  it("finds nothing where nothing is in the way", async () => {
    expect(await check()).toEqual([]);
  });

  it("tells a token that is refused, and never shows it", async () => {
    const problems = await check({}, "wrong-token");
    expect(problems).toEqual([expect.objectContaining({ path: "digitalocean:token", value: "secret" })]);
    expect(JSON.stringify(problems)).not.toContain("wrong-token");
  });

  it("tells an API that does not answer", async () => {
    vi.stubEnv("DIGITALOCEAN_API_URL", "http://127.0.0.1:1");
    expect(await check()).toEqual([
      expect.objectContaining({
        path: "DigitalOcean's API",
        value: "http://127.0.0.1:1",
        problem: expect.stringContaining("cannot be reached"),
      }),
    ]);
  });

  it("waits where calls are limited, and tells what stays broken", async () => {
    simulated.api.faults.plan({
      method: "GET",
      path: "/v2/account",
      times: 2,
      happens: { status: 429, headers: { "retry-after": "0" } },
    });
    expect(await check()).toEqual([]);
    simulated.api.faults.plan({
      method: "GET",
      path: "/v2/account",
      times: 3,
      happens: { status: 503, headers: { "retry-after": "0" } },
    });
    expect(await check()).toEqual([expect.objectContaining({ problem: expect.stringContaining("answers 503") })]);
  });

  it("tells what DigitalOcean does not offer any more, with what it does", async () => {
    simulated.api.account.versions = ["1.37.1-do.0"];
    const problems = await check({
      [key]: { catalogue: "lenient", pools: { "default-pool": { size: "s-9vcpu-9gb" } } },
    });
    expect(problems).toEqual([
      expect.objectContaining({ path: `${key}.cluster.version`, fix: 'use one of "1.37"' }),
      expect.objectContaining({ path: `${key}.pools.default-pool.size`, value: '"s-9vcpu-9gb"' }),
    ]);
  });

  it("tells more nodes than the account may have", async () => {
    expect(await check({ [key]: { pools: { general: { min: 95, max: 100 } } } })).toEqual([
      expect.objectContaining({ path: `${key}.pools`, problem: expect.stringContaining("100 Droplets") }),
    ]);
  });

  it("does not ask about a version or a quota once the cluster is there, but whether it answers", async () => {
    const pool = { name: "system", size: "s-2vcpu-4gb", count: 2 };
    await post("/v2/kubernetes/clusters", {
      name: "doks-prod",
      region: "nyc1",
      version: "1.36.3-do.0",
      node_pools: [pool],
    });
    simulated.api.account.versions = ["1.37.1-do.0"];
    expect(await check()).toEqual([
      expect.objectContaining({ path: "cluster doks-prod", problem: expect.stringContaining("does not answer") }),
    ]);
    for (const cluster of simulated.api.account.clusters.values()) cluster.status = { state: "error" };
    expect(await check()).toEqual([expect.objectContaining({ problem: "is in state error" })]);
  });

  it("looks for the context of a kubeconfig, and whether its server answers", async () => {
    const file = join(simulated.folder, "kubeconfig");
    vi.stubEnv("KUBECONFIG", file);
    const problemOf = async (patch: Patch = {}) => (await check(patch, "", "local")).map(({ problem }) => problem);
    expect(await problemOf()).toEqual([expect.stringContaining("cannot be read")]);
    const clusters = "clusters: [{ name: c, cluster: { server: 'https://127.0.0.1:1' } }]";
    writeFileSync(file, `current-context: a\ncontexts: [{ name: a, context: { cluster: c } }]\n${clusters}\n`);
    expect(await problemOf()).toEqual([expect.stringContaining("does not answer")]);
    expect(await problemOf({ [key]: { cluster: { context: "b" } } })).toEqual([
      expect.stringContaining("is not a context"),
    ]);
  });

  it("gives up on a server that takes a connection and says nothing", async () => {
    const silent: Server = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const sockets = new Promise((resolve) => silent.once("connection", resolve));
    const answered = reach({ server: `https://127.0.0.1:${port}`, seconds: 1 });
    await sockets;
    expect(await answered).toEqual({ status: 0, error: "no answer in 1 s" });
    silent.close();
  });
});

describe("orphans", () => {
  it("are found by name, however many others there are", async () => {
    const kind = orphanKinds["digitalocean:index/vpc:Vpc"];
    if (kind === undefined) throw new Error("VPCs are not looked for");
    for (let i = 0; i < 230; i += 1) await post("/v2/vpcs", { name: `vpc-${i}`, region: "nyc1" });
    simulated.api.journal.length = 0;
    const client = new DigitalOceanApi("good");
    const [last] = [...simulated.api.account.vpcs.values()].slice(-1);
    expect(await findOrphan(client, kind, "vpc-229")).toBe(last?.id);
    expect(await findOrphan(client, kind, "vpc-230")).toBeUndefined();
  });

  it("are taken over by one line", () => {
    const parent = "urn:pulumi:prod::doks-systems::a$b::platform-vpc";
    expect(
      importCommand({ stack: "prod", type: "digitalocean:index/vpc:Vpc", name: "v", id: "1", parent, protect: true }),
    ).toBe(
      `npx pulumi import --stack prod digitalocean:index/vpc:Vpc v 1 --parent 'parent=${parent}' --protect=true --generate-code=false --yes`,
    );
  });
});
