/** An autoscaler that comes to a running Deployment, and goes again: the count is handed over, and never passes through one pod. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Patch } from "../../graph/render/configuration.ts";
import { Stage, noEngine, only } from "../support/stage.ts";

const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "svc-identity", namespace: "backend-mainnet" },
};

function api(setting: object): Patch {
  return {
    ...only("gx"),
    "doks-systems:platform": { addons: { metricsServer: "existing" } },
    "doks-systems:gx": {
      namespace: { name: "backend-mainnet" },
      workloads: { "svc-identity": { ...pods, ...setting } },
    },
  };
}
/** Of the stack's own setting. */
const pods = { replicas: null, autoscaling: null };

describe.skipIf(noEngine !== undefined)("an autoscaler", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open("local", api({ replicas: 4 }));
    await stage.mustUp();
  });
  afterAll(() => stage.close());

  /** What the count was at any time while something ran, and for so long after. */
  async function counts(action: () => Promise<unknown>, secondsAfter = 0): Promise<number[]> {
    const client = stage.cluster();
    const seen: number[] = [];
    const ended = new AbortController();
    const watch = (async () => {
      while (!ended.signal.aborted) {
        seen.push((await client.get(deployment))?.["spec"].replicas as number);
        await sleep(200);
      }
    })();
    await action();
    // The autoscaler looks every 15 s.
    await sleep(secondsAfter * 1000);
    ended.abort();
    await watch;
    client.close();
    return [...new Set(seen)];
  }

  it("that comes finds the pods that are there, and leaves them", async () => {
    await stage.rehearsal.configure(api({ autoscaling: { min: 2, max: 10 } }));
    expect(await stage.planned()).toEqual([
      "create HorizontalPodAutoscaler gx-svc-identity",
      "replace PodDisruptionBudget gx-svc-identity",
    ]);
    expect(await counts(() => stage.mustUp(), 20)).toEqual([4]);
    await stage.settled();
  });

  it("that has scaled is not set back by another image", async () => {
    await scaledTo(6);
    await stage.rehearsal.configure(api({ autoscaling: { min: 2, max: 10 }, tag: "2.0.9" }));
    expect(await counts(() => stage.mustUp())).toEqual([6]);
    await stage.settled();
  });

  it("that goes leaves the count that the stack says, though it owned it", async () => {
    await stage.rehearsal.configure(api({ replicas: 3, tag: "2.0.9" }));
    await stage.mustUp();
    expect(await counts(() => Promise.resolve())).toEqual([3]);
    await stage.settled();
  });

  it("kubectl scale is set back by the next change of the Deployment", async () => {
    await scaledTo(1);
    await stage.rehearsal.configure(api({ replicas: 2, tag: "2.0.9" }));
    await stage.mustUp();
    expect(await counts(() => Promise.resolve())).toEqual([2]);
  });

  /** As autoscalers and `kubectl scale` do it. */
  async function scaledTo(replicas: number): Promise<void> {
    const client = stage.cluster();
    const path = `${await client.path(deployment)}/scale`;
    const scale = {
      apiVersion: "autoscaling/v1",
      kind: "Scale",
      spec: { replicas },
      ...{ metadata: deployment.metadata },
    };
    await client.call("PUT", path, scale);
    client.close();
  }
});
