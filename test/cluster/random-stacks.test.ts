/** Stacks that nobody wrote: what the settings accept, the API server and the simulated DigitalOcean accept, too. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startControlPlane, type ControlPlane } from "../../sandbox/control-plane/control-plane.ts";
import { refusalsOf } from "../../sandbox/digitalocean/refusals.ts";
import { hasGo } from "../../sandbox/tools.ts";
import { Admission } from "../support/cluster/admission.ts";
import { acceptedStacks } from "../support/random-stack.ts";
import { stack } from "../support/stack.ts";
import type { Patch } from "../../graph/render/configuration.ts";

const able = hasGo();
if (!able) console.warn("skipped: random stacks against the API server, without Go");

const count = Number(process.env["RANDOM_STACKS"] ?? 40);
/** Another one each day, and the day's again by name. */
const seed = Number(process.env["RANDOM_SEED"] ?? Math.floor(Date.now() / 86_400_000));

describe.skipIf(!able)(`${count} random stacks, RANDOM_SEED=${seed}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "doks-random-"));
  let plane: ControlPlane;
  let admission: Admission;

  beforeAll(async () => {
    plane = await startControlPlane(join(folder, "control-plane"), []);
    admission = new Admission(plane.client);
    for (const name of ["prod", "staging"]) expect(await admission.refusals(await stack(name))).toEqual([]);
  }, 1_200_000);
  afterAll(async () => {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const refusedOf = async (one: { stack: string; patch: Patch }) => {
    const rendered = await stack(one.stack, one.patch);
    return [...refusalsOf(rendered.rendering.resources), ...(await admission.refusals(rendered))];
  };
  const many = (count: number, name: (i: number) => string) => Array.from({ length: count }, (_, i) => name(i));
  const longHost = `${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(45)}.example.com`;

  it.each<[string, Patch]>([
    [
      "as many hosts and paths as there may be",
      {
        "doks-systems:bowmark": {
          hosts: { paving: many(16, (i) => `p${i}.bowmark.ca`), concrete: many(16, (i) => `c${i}.bowmark.ca`) },
          serverPaths: many(6, (i) => `/path-${i}`),
          webSocketPaths: many(6, (i) => `/path-${i}`),
        },
      },
    ],
    ["the longest host", { "doks-systems:dotdo": { ingress: { host: longHost } } }],
    ["the longest host on a load balancer", { "doks-systems:caracal": { host: longHost } }],
    ["the longest namespace", { "doks-systems:caracal": { namespace: { name: "n".repeat(63) } } }],
    [
      "the longest names in a workload",
      {
        "doks-systems:gx": {
          workloads: {
            "svc-identity": {
              ports: { "a2345-789012345": 9999 },
              reaches: { ["r".repeat(63)]: { kind: "private", addresses: ["10.9.0.0/16"], ports: [1, 65_535] } },
              reachedBy: {
                ["v".repeat(63)]: {
                  kind: "pods",
                  namespace: "n".repeat(63),
                  labels: { ["l".repeat(63)]: "x".repeat(63) },
                },
              },
              writable: { "/var/a": "1Mi", "/var/b": "16Ti" },
            },
          },
        },
      },
    ],
  ])("so is a stack with %s", async (_what, patch) => {
    expect(await refusedOf({ stack: "prod", patch })).toEqual([]);
  });

  it(
    "render no object that is refused",
    async () => {
      const { stacks, made } = acceptedStacks(count, seed);
      console.info(`seed ${seed}: of ${made} random stacks the settings accept ${stacks.length}`);
      const found: string[] = [];
      for (const one of stacks) {
        const refused = await refusedOf(one);
        if (refused.length > 0) found.push(`${JSON.stringify(one)}\n${refused.slice(0, 3).join("\n")}`);
      }
      expect(found).toEqual([]);
    },
    count * 30_000,
  );
});
