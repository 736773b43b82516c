/** Several stacks of one account. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { main } from "../../../preview/main.ts";
import { maskedResources } from "../../../graph/masking.ts";
import { render } from "../../../graph/render/render.ts";
import type { Patch } from "../../../graph/render/configuration.ts";
import { collisions } from "../../../preview/review/account.ts";
import { stack } from "../../support/stack.ts";

const of = async (name: string, patch: Patch = {}) => ({
  stack: name,
  resources: maskedResources((await stack(name, patch)).rendering),
});
const platform = "doks-systems:platform";

describe("two stacks of one account", () => {
  it("as committed share no name and no range", async () => {
    expect(collisions([await of("prod"), await of("staging"), await of("local")])).toEqual([]);
  });

  it.each<[string, Patch, string, string]>([
    [
      "a VPC's range",
      { [platform]: { cluster: { vpcRange: "10.20.8.0/22" } } },
      "range",
      "10.20.0.0/20 and 10.20.8.0/22",
    ],
    [
      "pods in another cluster's Services",
      { [platform]: { cluster: { clusterSubnet: "10.101.0.0/16" } } },
      "range",
      "10.101.0.0/19 and 10.101.0.0/16",
    ],
    ["a cluster's name", { [platform]: { cluster: { name: "doks-prod" } } }, "name of a cluster", "doks-prod"],
    [
      "a bucket",
      { "doks-systems:bowmark": { bucket: { name: "bow-mark-files" } } },
      "name of a bucket",
      "bow-mark-files",
    ],
    [
      "a registry that both create",
      { [platform]: { registry: { kind: "create", name: "geo" } } },
      "name of a registry",
      "geo",
    ],
    ["a host", { "doks-systems:caracal": { host: "gateway.example.com" } }, "DNS record", "gateway.example.com"],
    [
      "a database's name",
      {
        "doks-systems:gx": {
          database: { kind: "managed", name: "gx-postgres-prod", size: "db-s-1vcpu-2gb", storage: null },
        },
      },
      "name of a database",
      "gx-postgres-prod",
    ],
  ])("collide in %s", async (_what, patch, what, value) => {
    const found = collisions([await of("prod"), await of("staging", patch)]);
    expect(found).toContainEqual(expect.objectContaining({ what, value }));
    for (const { uses } of found) expect(uses.map((use) => use.split(":")[0])).toEqual(["prod", "staging"]);
  });

  it("of names with underscores, dots and capitals have names that DigitalOcean takes", async () => {
    const folder = mkdtempSync(join(tmpdir(), "doks-names-"));
    try {
      for (const name of [
        "dev_eu",
        "Team.Dev",
        "2024",
        "a-very-long-name-of-a-stack-that-somebody-found-funny-once-upon-a-time",
      ]) {
        writeFileSync(join(folder, `Pulumi.${name}.yaml`), readFileSync("Pulumi.prod.yaml"));
        const { resources } = await render(name, {}, folder);
        for (const { type, inputs } of resources.filter((one) =>
          /:(Vpc|KubernetesCluster|DatabaseCluster|Project)$/.test(one.type),
        ))
          if (inputs["name"] !== undefined)
            expect(inputs["name"], `${type} of ${name}`).toMatch(/^[a-z][a-z0-9-]{0,61}[a-z0-9]$/);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("npm run preview -- --all", () => {
  it("ends with 0 for the stacks as committed, and takes no stack beside", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
    try {
      expect(await main(["--all"])).toBe(0);
      expect(log.mock.calls.flat().join("\n")).toContain("exit 0: nothing of the 3 stacks collides in one account");
      expect(await main(["--all", "prod"])).toBe(2);
      expect(error.mock.calls.flat().join("\n")).toContain("--all takes no stack");
    } finally {
      vi.restoreAllMocks();
    }
  });
});
