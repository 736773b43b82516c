/** A wrong stack file: one error with every problem, its path, its value and its fix. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readStackFile } from "../../../graph/render/configuration.ts";
import type { Problem } from "../../../settings/reading/error.ts";
import { parseSettings } from "../../../systems/settings.ts";
import { problems } from "../../support/stack.ts";

const bowmark = "doks-systems:bowmark";
const hermes = "doks-systems:hermes";
const gx = "doks-systems:gx";
const dotdo = "doks-systems:dotdo";
const caracal = "doks-systems:caracal";
const platform = "doks-systems:platform";

// The machine's own token must not decide what is missing.
const token = process.env["DIGITALOCEAN_TOKEN"];
beforeAll(() => {
  Reflect.deleteProperty(process.env, "DIGITALOCEAN_TOKEN");
});
afterAll(() => {
  if (token !== undefined) process.env["DIGITALOCEAN_TOKEN"] = token;
});

describe("a wrong stack file", () => {
  it("is right as committed, for each stack", () => {
    for (const stack of ["prod", "staging", "local"]) expect(problems(stack, {})).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, Partial<Problem>]>([
    [
      "an unknown key, with the one that was meant",
      { [bowmark]: { imageTags: "1" } },
      { path: `${bowmark}.imageTags`, value: '"1"', fix: expect.stringContaining("did you mean imageTag?") },
    ],
    [
      "an unknown key deep inside the kind that was chosen",
      { [bowmark]: { database: { kind: "in-cluster", storrage: "1Gi" } } },
      { path: `${bowmark}.database.storrage`, fix: expect.stringContaining("did you mean storage?") },
    ],
    [
      "a key of another kind",
      { [bowmark]: { database: { kind: "in-cluster", size: "db-s-1vcpu-1gb" } } },
      { path: `${bowmark}.database.size`, problem: "is not a setting" },
    ],
    [
      "a wrong type",
      { [bowmark]: { runBackfill: "yes" } },
      { path: `${bowmark}.runBackfill`, fix: "give true or false" },
    ],
    [
      "a number where a text is due",
      { [bowmark]: { imageTag: 1234567 } },
      { value: "1234567", fix: "put it in quotes" },
    ],
    ["a tag that moves, in production", { [bowmark]: { imageTag: "latest" } }, { path: `${bowmark}.imageTag` }],
    [
      "a second pod of a workload that may only run once",
      { [bowmark]: { workloads: { "worker-deployment": { replicas: 2 } } } },
      {
        path: `${bowmark}.workloads.worker-deployment.replicas`,
        value: "2",
        fix: expect.stringContaining("leave it at 1"),
      },
    ],
    [
      "a pool that does not exist",
      { [bowmark]: { pools: { servers: "big" } } },
      { path: `${bowmark}.pools.servers`, fix: expect.stringContaining("dedicated-cpu-optimized, default-pool") },
    ],
    [
      "a name that DNS refuses",
      { [bowmark]: { namespace: { name: "Bow_Mark" } } },
      { path: `${bowmark}.namespace.name`, value: '"Bow_Mark"', fix: expect.stringContaining("lower-case") },
    ],
    [
      "a host that is not a full name",
      { [bowmark]: { hosts: { concrete: ["concrete"] } } },
      { path: `${bowmark}.hosts.concrete[0]`, fix: expect.stringContaining("app.example.com") },
    ],
    [
      "a kind that does not exist",
      { [bowmark]: { database: { kind: "mysql" } } },
      { path: `${bowmark}.database.kind`, fix: "use one of in-cluster, managed, existing" },
    ],
    [
      "a host that two apps claim",
      { [bowmark]: { hosts: { concrete: ["app.bowmark.ca"] } } },
      { path: `${bowmark}.hosts.concrete[0]`, fix: "give each its own host name" },
    ],
    [
      "a bucket that files and backups share",
      { [bowmark]: { backup: { bucket: { name: "bow-mark-files" } } } },
      { path: `${bowmark}.backup.bucket.name` },
    ],
    [
      "a value that is half right, of a setting with two forms",
      { [bowmark]: { backup: { schedule: "daily" } } },
      { path: `${bowmark}.backup.schedule`, fix: expect.stringContaining("five cron fields") },
    ],
    [
      "a standby on the smallest database",
      managed({ size: "db-s-1vcpu-1gb", nodes: 2 }),
      { path: `${bowmark}.database.nodes` },
    ],
    [
      "an upgrade that skips a minor",
      { [platform]: { cluster: { upgradeTo: "1.38" } } },
      { path: `${platform}.cluster.upgradeTo`, fix: 'upgrade one minor at a time: "1.37"' },
    ],
    [
      "a pool whose maximum is below its minimum",
      { [platform]: { pools: { "default-pool": { max: 1 } } } },
      { path: `${platform}.pools.default-pool.max` },
    ],
    [
      "an edge without its add-on",
      { [platform]: { addons: { certManager: "none" } } },
      { path: `${platform}.addons.certManager` },
    ],
    ["a folder without migrations", { [bowmark]: { migrations: "docs" } }, { path: `${bowmark}.migrations` }],
    ["a pull secret without a registry", withoutRegistry(), { path: `${bowmark}.images.pullSecret.kind` }],
    [
      "images of nowhere",
      { ...withoutRegistry(), [bowmark]: null, [hermes]: { images: { pullSecret: { kind: "none" } }, ...onlyHermes } },
      { path: `${hermes}.images.registry`, problem: "is required where the platform has no registry" },
    ],
    [
      "an autoscaler that knows no numbers",
      { [platform]: { addons: { metricsServer: "none" } }, [dotdo]: null },
      {
        path: `${gx}.workloads.svc-identity.autoscaling`,
        fix: "set doks-systems:platform.addons.metricsServer, or switch it off",
      },
    ],
    [
      "custom metrics without an adapter",
      { [dotdo]: { workloads: { dotdo: { autoscaling: { podMetrics: { objects: "500" } } } } } },
      { path: `${dotdo}.workloads.dotdo.autoscaling.podMetrics` },
    ],
    [
      "the edge of another stack on a cluster of its own",
      { [platform]: { edge: { kind: "stack", acmeEmail: null } } },
      { path: `${platform}.edge.kind`, problem: "needs cluster.source stack" },
    ],
    [
      "Prometheus on a pool that does not exist",
      { [platform]: { monitoring: { pool: "big" } } },
      { path: `${platform}.monitoring.pool` },
    ],
    [
      "a profile without a public host",
      { [dotdo]: { ingress: null } },
      { path: `${dotdo}.ingress`, fix: "set ingress.host, or ingress: false" },
    ],
    [
      "a bucket whose key would have no place",
      { [dotdo]: { existingSecrets: { "dotdo-secrets": "theirs" } } },
      { path: `${dotdo}.existingSecrets.dotdo-secrets` },
    ],
    [
      "more consumers than partitions",
      { [caracal]: { workloads: { "caracal-ledger-writer": { replicas: 12 } } } },
      { path: `${caracal}.workloads.caracal-ledger-writer.replicas` },
    ],
    [
      "an even number of ZooKeeper nodes",
      { [caracal]: { kafka: { kind: "in-cluster", zookeeper: { nodes: 2 } } } },
      { path: `${caracal}.kafka.zookeeper.nodes` },
    ],
    [
      "a system nobody knows",
      { "doks-systems:bowmrk": {} },
      { path: "doks-systems:bowmrk", problem: "is not a setting" },
    ],
  ])("is refused for %s", (_what, patch, expected) => {
    expect(problems("prod", patch)).toEqual([expect.objectContaining(expected)]);
  });

  it("is refused with every problem at once: a wrong field hides no wrong pair elsewhere", () => {
    const workloads = { "worker-deployment": { replicas: 0 } };
    const patch = {
      [bowmark]: { imageTag: "latest", workloads, hosts: { concrete: ["app.bowmark.ca"] } },
      [platform]: { region: "mars", pools: { general: { min: 40 } } },
    };
    expect(problems("prod", patch).map(({ path }) => path)).toEqual([
      `${platform}.region`,
      `${bowmark}.workloads.worker-deployment.replicas`,
      `${platform}.pools.general.max`,
      `${bowmark}.hosts.concrete[0]`,
      `${bowmark}.imageTag`,
    ]);
  });

  it("says nothing of what depends on a wrong field: mended, it may be right", () => {
    const patch = { [platform]: { pools: { general: { size: "S 4" } }, domains: { "bowmark.ca": "mine" } } };
    expect(problems("prod", patch).map(({ path }) => path)).toEqual([
      `${platform}.pools.general.size`,
      `${platform}.domains["bowmark.ca"]`,
    ]);
  });

  it("names a stack that has no file", () => {
    expect(problems("nowhere", {})).toEqual([expect.objectContaining({ path: "Pulumi.nowhere.yaml" })]);
  });
});

describe("secrets", () => {
  const withSecrets = (tree: object) => problems("prod", { "doks-systems:secrets": tree });

  it("are listed by name when missing, with the command that sets them", () => {
    const { missing } = parseSettings("prod", readStackFile("prod"));
    expect(missing).toContainEqual({
      path: "doks-systems:secrets.bowmark.paving.mongoUri",
      fix: "npx pulumi config set --stack prod --secret --path 'secrets.bowmark.paving.mongoUri'",
    });
    expect(missing.map(({ path }) => path)).toContain("digitalocean:token");
  });

  it("never appear in a problem", () => {
    const found = withSecrets({ bowmark: { paving: { mongoUrl: "canary-1" }, email: "canary-2" }, other: "canary-3" });
    expect(found.length).toBeGreaterThan(1);
    expect(JSON.stringify(found)).not.toContain("canary");
    expect(found.map(({ path }) => path)).toContain("doks-systems:secrets.bowmark.paving.mongoUrl");
  });

  it("that the chosen kind needs are asked for", () => {
    const existing = { kind: "existing", host: "db.example.com", user: "bowmark" };
    const config = readStackFile("prod", { [bowmark]: { database: existing } });
    const paths = parseSettings("prod", config).missing.map(({ path }) => path);
    expect(paths).toContain("doks-systems:secrets.bowmark.databasePassword");
  });
});

function managed(database: object): Record<string, unknown> {
  return { [bowmark]: { database: { kind: "managed", ...database } } };
}

const onlyHermes = { imageTag: "1.4.0", backup: false };

function withoutRegistry(): Record<string, unknown> {
  return {
    [platform]: { registry: null },
    [bowmark]: { images: { pullSecret: { kind: "platform-registry" } } },
    [hermes]: null,
    [gx]: null,
    [caracal]: null,
  };
}
