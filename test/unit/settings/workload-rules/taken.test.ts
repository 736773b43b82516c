/** What stands beside what is refused, and is taken. */
import { describe, expect, it } from "vitest";
import { readStackFile } from "../../../../graph/render/configuration.ts";
import { parseSettings } from "../../../../systems/settings.ts";
import type { WorkloadSetting } from "../../../../settings/slices/workload.ts";
import { problems } from "../../../support/stack.ts";
import { api, at, cache, gateway, inside, internet, patch, reaches, worker } from "./support.ts";

describe("a workload is taken with", () => {
  it.each<[string, string, WorkloadSetting]>([
    ["a file of exactly what an object holds", cache, { files: { "/app/x.spkg": { file: at("fits.spkg") } } }],
    ["a file below a folder that it writes", cache, { files: { "/tmp/x.spkg": { file: at("fits.spkg") } } }],
    ["a variable of another Secret", api, { env: { JWT_SECRET: { secret: "theirs", key: "jwt" } } }],
    ["a probe on a port that it adds", gateway, { ports: { admin: 9000 }, probes: { readiness: { tcp: "admin" } } }],
    ["a port by its number", gateway, { probes: { readiness: { tcp: 8443 } } }],
    ["no probe where it had one", gateway, { probes: { startup: "off", readiness: "off", liveness: "off" } }],
    ["visitors of a port that it adds", worker, { ports: { admin: 9000 }, reachedBy: { agents: { kind: "pods" } } }],
    ["a private range that is said to be one", gateway, inside(["10.116.0.0/20"])],
    ["a part of the internet", gateway, internet(["203.0.113.0/24"])],
    ["the whole internet, without a word about addresses", gateway, reaches({ kind: "internet", ports: [443] })],
    ["a longer time to stop, which a longer wait needs", api, { preStopSeconds: 30, graceSeconds: 60 }],
    ["one pod of what may run only once", worker, { replicas: 1 }],
    ["a release by its digest", api, { tag: `sha256:${"a".repeat(64)}` }],
  ])("%s", (_what, workload, setting) => {
    expect(problems("prod", patch(workload, setting))).toEqual([]);
  });

  it("a workload that the other settings leave out, and one word about it", () => {
    for (const [workload, there] of [
      ["gx.gx-migrate", "svc-identity, outbox-submitter"],
      ["hermes.ipfs-cache-postgres-grant", "hermes-ipfs-cache, ipfs-cache-migrate"],
    ] as const) {
      const [system = "", name = ""] = workload.split(".");
      const path = `doks-systems:${system}.workloads.${name}`;
      const { notices } = parseSettings("prod", readStackFile("prod", patch(workload, { graceSeconds: 60 })));
      const text: unknown = expect.stringMatching(new RegExp(`^changes nothing: .* no such workload, but ${there}`));
      expect(notices.filter((notice) => notice.path === path)).toEqual([{ path, text }]);
    }
  });

  it("a release that moves, outside production", () => {
    for (const setting of [{ tag: "latest" }, { image: "svc-identity:edge" }]) {
      expect(problems("staging", patch(api, setting))).toEqual([]);
    }
  });
});
