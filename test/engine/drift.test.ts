/** What happens to a running stack without us: what must not matter does not, what must be seen is. */
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { autoscale } from "../../sandbox/digitalocean/api/node-pools.ts";
import type { Client } from "../../sandbox/control-plane/client.ts";
import { Stage, noEngine, only } from "../support/stage.ts";

const namespace = "backend-mainnet";
const api = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "svc-identity", namespace } } as const;
const projector = { ...api, metadata: { name: "projector", namespace } } as const;

describe.skipIf(noEngine !== undefined)("GX Protocol in prod", () => {
  let stage: Stage;
  let client: Client;
  beforeAll(async () => {
    stage = await Stage.open("prod", only("gx"));
    await stage.mustUp();
    client = stage.cluster();
  });
  afterAll(async () => {
    client.close();
    await stage.close();
  });
  const patch = async (object: typeof api | typeof projector, change: object, by: string, below = "") => {
    const path = `${await client.path(object)}${below}?fieldManager=${by}`;
    await client.call("PATCH", path, change, "application/merge-patch+json");
  };

  describe("is left as it is", () => {
    afterEach(async () => {
      expect(await stage.planned()).toEqual([]);
      expect(await stage.planned("--refresh")).toEqual([]);
    });

    it("when DigitalOcean installs a patch and retires the version that we asked for", () => {
      const { account } = stage.world.api;
      account.versions = ["1.36.4-do.0", "1.35.6-do.0"];
      for (const cluster of account.clusters.values()) cluster.version = "1.36.4-do.0";
    });

    it("when the pool's autoscaler adds nodes", () => {
      autoscale(stage.world.api.account, "general", 7);
    });

    it("when the pods' autoscaler adds pods", async () => {
      await patch(api, { spec: { replicas: 5 } }, "kube-controller-manager", "/scale");
    });

    it("when somebody restarts a Deployment", async () => {
      const restartedAt = { "kubectl.kubernetes.io/restartedAt": "2026-11-21T07:00:00Z" };
      await patch(projector, { spec: { template: { metadata: { annotations: restartedAt } } } }, "kubectl-rollout");
    });

    it("when the credentials that came with the cluster have expired", () => {
      stage.world.api.account.credentialDays = -1;
    });
  });

  it("another token of the account changes the provider in place, and no object", async () => {
    const { account } = stage.world.api;
    const [first = "", second = ""] = account.tokens;
    stage.rehearsal.env["DIGITALOCEAN_TOKEN"] = second;
    expect(await stage.planned()).toEqual(["update kubernetes platform"]);
    await stage.mustUp();
    account.tokens = [second];
    expect(await stage.planned("--refresh")).toEqual([]);
    account.tokens = [first, second];
  });

  it("what was changed by hand is named, and set back", async () => {
    const { account } = stage.world.api;
    const [database] = [...account.databases.values()].filter(({ engine }) => engine === "pg");
    if (database === undefined) throw new Error("no database");
    const policy = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "deny-all", namespace },
    };
    await client.delete(policy);
    await patch(projector, { spec: { replicas: 3 } }, "kubectl-edit", "/scale");
    database.rules.push({
      ...{ uuid: "by-hand", cluster_uuid: database.id, type: "ip_addr", value: "203.0.113.7" },
      created_at: "2026-11-21T00:00:00Z",
    });
    stage.world.spaces.lifecycles.delete("gx-backups");

    const { code } = await stage.run(["preview", "--refresh", "--expect-no-changes"]);
    expect(code).not.toBe(0);
    const named = await stage.planned("--refresh");
    for (const what of [
      /NetworkPolicy .*deny/,
      /Deployment gx-projector/,
      /DatabaseFirewall gx-postgres/,
      /SpacesBucket gx-backup-bucket/,
    ])
      expect(
        named.some((step) => what.test(step)),
        `${String(what)} in ${named.join(", ")}`,
      ).toBe(true);
    // The count, too, though somebody else has become its owner: what a stack fixes is applied with force.
    await stage.mustUp("--refresh");
    await stage.mustUp();
    expect(await client.get(policy)).toBeDefined();
    expect((await client.get(projector))?.["spec"].replicas).toBe(1);
    expect(database.rules.map(({ type }) => type)).toEqual(["k8s"]);
    expect(stage.world.spaces.lifecycles.has("gx-backups")).toBe(true);
    await stage.settled();
  });

  it("no secret is in anything that a command prints, logs or stores outside of Secrets", async () => {
    await stage.run(["preview", "--json"]);
    const events = await stage.up(["--json", "--event-log", stage.rehearsal.eventLog]);
    expect(events.output.length).toBeGreaterThan(10_000);
    stage.outputs.push(readFileSync(stage.rehearsal.eventLog, "utf8"));
    await stage.run(["stack", "export"]);
    await stage.run(["stack", "output", "--json"]);
    await stage.run(["config", "--json"]);
    const objects = await Promise.all(
      ["configmaps", "pods", "events"].map((plural) => client.list("v1", plural, namespace)),
    );
    stage.outputs.push(JSON.stringify([objects, await client.list("apps/v1", "deployments", namespace)]));
    stage.keepsSecrets();
  });
});
