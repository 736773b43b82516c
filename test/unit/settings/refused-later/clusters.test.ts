/** Which cluster a stack stands on, and which of its pools. */
import { describe, expect, it } from "vitest";
import { ownClusterOnly, problems } from "../../../support/stack.ts";
import { expectRefused, gx, platform, pools } from "./support.ts";

const existing = (cluster: object, rest: object = {}) => ({
  [platform]: { cluster: { source: "existing", ...ownClusterOnly, ...cluster }, ...rest },
});

expectRefused([
  ["a cluster without a name", existing({}), `${platform}.cluster.name`, /required where there is no id/],
  [
    "a cluster that is named twice",
    existing({ name: "a", id: "8d91899c-0739-4a1a-acc5-deadbeefbb8f" }),
    `${platform}.cluster.id`,
    /says again which cluster it is/,
  ],
  ["an id that is a name", existing({ id: "k8s-prod" }), `${platform}.cluster.id`, /not valid/],
  [
    "ranges for a cluster that has its own",
    { [platform]: { cluster: { source: "existing", name: "a", ...ownClusterOnly, vpcRange: "10.40.0.0/20" } } },
    `${platform}.cluster.vpcRange`,
    /not a setting/,
  ],
  [
    "a pool that is there in a cluster that is not",
    pools({ batch: { kind: "existing" } }),
    `${platform}.pools.batch.kind`,
    /is for a cluster that exists, and doks-systems:platform.cluster.source is create/,
  ],
  [
    "a pool of a kind that there is not",
    pools({ batch: { kind: "exists" } }),
    `${platform}.pools.batch.kind`,
    /not one of the kinds/,
  ],
  [
    "a pool to be made without a size",
    pools({ batch: { min: 1, max: 2 } }),
    `${platform}.pools.batch.size`,
    /is required/,
  ],
  [
    "a pool that the settings do not name, in a cluster that is there",
    { ...existing({ name: "a" }), [gx]: { pool: "batch" } },
    `${gx}.pool`,
    /not a pool of this stack/,
  ],
  [
    "a size of nodes that there is not, of a pool that is there",
    existing({ name: "a" }, { pools: { batch: { kind: "existing", size: "s-9vcpu-9gb" } } }),
    `${platform}.pools.batch.size`,
    /not a size of nodes/,
  ],
  [
    "a pod that is larger than the nodes of a pool that is there",
    existing({ name: "a" }, { pools: { general: { kind: "existing", size: "s-1vcpu-2gb", min: null, max: null } } }),
    "doks-systems:caracal.workloads.caracal-kafka.resources.requests.memory",
    /more than a node of pool general has/,
  ],
  [
    "a region without clusters",
    existing({ name: "a" }, { region: "nyc2" }),
    `${platform}.region`,
    /not a region with Kubernetes/,
  ],
]);

describe("a mistake in a pool", () => {
  it("names the settings of the kind that was meant", () => {
    const found = problems("prod", existing({ name: "a" }, { pools: { batch: { kind: "existing", sise: "c-2" } } }));
    expect(found).toEqual([
      expect.objectContaining({
        path: `${platform}.pools.batch.sise`,
        fix: "did you mean size? (known here: kind, size, min, max)",
      }),
    ]);
    expect(problems("prod", pools({ batch: { kind: "exists" } }))[0]?.fix).toBe("use one of create, existing");
  });
});
