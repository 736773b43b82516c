/** What Kubernetes' controllers and the table of usual times say of a rollout. */
import { describe, expect, it } from "vitest";
import digitalocean from "../../../../catalogue/durations/digitalocean.json" with { type: "json" };
import kubernetes from "../../../../catalogue/durations/kubernetes.json" with { type: "json" };
import { resourceOf, type Resource } from "../../../../graph/resource.ts";
import { availability } from "../../../../preview/review/availability/availability.ts";
import { fenceposts } from "../../../../preview/review/availability/rollout.ts";
import { inWords } from "../../../../preview/review/availability/seconds.ts";
import { difference } from "../../../../preview/review/difference.ts";

describe("what Kubernetes rounds", () => {
  // From the tables in its documentation of Deployments, "Max Surge" and "Max Unavailable", and in its own tests,
  // pkg/controller/deployment/util, TestResolveFenceposts.
  it.each([
    [
      { replicas: 10, surge: "0%", missing: "0%" },
      { surge: 0, missing: 1 },
    ],
    [
      { replicas: 10, surge: "39%", missing: "39%" },
      { surge: 4, missing: 3 },
    ],
    [
      { replicas: 10, surge: undefined, missing: "39%" },
      { surge: 3, missing: 3 },
    ],
    [
      { replicas: 1, surge: undefined, missing: undefined },
      { surge: 1, missing: 0 },
    ],
    [
      { replicas: 3, surge: 0, missing: "10%" },
      { surge: 0, missing: 1 },
    ],
  ])("%j is %j", ({ replicas, surge, missing }, expected) => {
    expect(fenceposts(replicas, surge, missing)).toEqual(expected);
  });
});

describe("times", () => {
  it.each([
    [0, 3, "a moment"],
    [1, 20, "5 to 20 s"],
    [40, 41, "about 40 s"],
    [10, 60, "10 to 60 s"],
    [30, 300, "30 s to 5 minutes"],
    [58, 315, "1 to 5 minutes"],
    [738, 1820, "12 to 30 minutes"],
  ])("from %d to %d seconds are %s", (usual, worst, text) => {
    expect(inWords({ usual, worst })).toBe(text);
  });

  it.each([digitalocean, kubernetes])("of every row have a source, and are at worst no better than usual", (table) => {
    const sources = Object.keys(table.sources);
    for (const [name, { usual, worst, source }] of Object.entries(table.rows)) {
      expect(worst, name).toBeGreaterThanOrEqual(usual);
      expect(sources, name).toContain(source);
    }
    expect(sources.toSorted()).toEqual([...new Set(Object.values(table.rows).map(({ source }) => source))].toSorted());
  });

  it("of a pod count what its probes wait for", () => {
    const type = "kubernetes:apps/v1:StatefulSet";
    const set = (readinessProbe: object): Resource =>
      resourceOf({
        ...{ urn: "s", type, name: "s" },
        inputs: {
          metadata: { name: "s" },
          spec: { template: { spec: { containers: [{ name: "c", readinessProbe }] } } },
        },
      });
    const [quick, slow] = [set({}), set({ initialDelaySeconds: 45, periodSeconds: 30 })].map(
      (one) => availability([], [one], difference([], [one])).update.seconds,
    );
    expect((slow?.usual ?? 0) - (quick?.usual ?? 0)).toBe(40);
    expect((slow?.worst ?? 0) - (quick?.worst ?? 0)).toBe(35);
  });
});
