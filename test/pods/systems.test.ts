/**
 * Every system as containers on a real kubelet, with exactly what is rendered for them: they become ready as who they are
 * declared to be, reach what they declare, and nothing else.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Patch } from "../../graph/render/configuration.ts";
import { Ahead } from "../support/pods/ahead.ts";
import { missing, PodsCluster } from "../support/pods/cluster.ts";
import { ask, connectsFromOutside, foreigner } from "../support/pods/clients.ts";
import { both, bowmark, writers } from "../support/pods/known.ts";
import { gone, startLoad } from "../support/pods/lifecycle.ts";
import { workloadOf } from "../support/pods/reach.ts";
import { runsSoundly, type Known } from "../support/pods/sound.ts";
import { survives } from "../support/pods/survival.ts";
import type { System } from "../support/pods/system.ts";
import { systemKeys, type Loose, type SystemKey } from "../support/stack.ts";

if (missing !== undefined) console.warn(`skipped: pods on a real node, which needs ${missing}`);

const gateway = "gateway.example.com";

/** What a stack must set for a system, beside what its file has. */
const patches: Partial<Record<SystemKey, Patch>> = {
  caracal: {
    "doks-systems:caracal": {
      host: gateway,
      // Every machine of a sandbox, and not what is outside.
      exposure: { kind: "load-balancer", sourceRanges: ["198.18.0.0/15"] },
    },
  },
  // As in production: two, so that a budget and an update have something to keep.
  bowmark: bowmark(Object.fromEntries([...both("server"), ...both("client")].map((name) => [name, { replicas: 2 }]))),
};

/** Caracal again, which loses a broker. */
const threeBrokers = "caracal with three brokers";
const kafka = { kind: "in-cluster", brokers: 3, storage: "2Gi", zookeeper: { nodes: 1, storage: "1Gi" } };

const known: Partial<Record<SystemKey, Known>> = {
  // A port that is declared, and that the image does not know.
  dotdo: { silent: ["dotdo:8788"] },
  bowmark: { writer: writers.bowmark },
  // What members of ZooKeeper would tell each other, if there were more than one.
  caracal: { silent: ["caracal-zookeeper:2888", "caracal-zookeeper:3888"], writer: writers.caracal },
};

describe.skipIf(missing !== undefined)("pods", () => {
  let pods: PodsCluster;
  // It takes long to become ready, so it begins with the first.
  const order = systemKeys.flatMap((key) => (key === "dotdo" ? ([threeBrokers, key] as const) : [key]));
  const systems = new Ahead<SystemKey | typeof threeBrokers, System>(order, async (name) => {
    if (name === threeBrokers) return pods.deploy("caracal", { "doks-systems:caracal": { kafka } });
    // Both of Caracal are in one namespace.
    if (name === "caracal") await systems.gone(threeBrokers);
    return pods.deploy(name, patches[name] ?? {});
  });
  beforeAll(async () => {
    pods = await PodsCluster.start();
  }, 2_400_000);
  afterAll(async () => {
    await systems.settled();
    await pods.stop();
  }, 600_000);

  describe.each(order)("%s", (name) => {
    let system: System;
    beforeAll(async () => {
      system = await systems.get(name);
    }, 1_500_000);
    afterAll(() => {
      systems.remove(name);
    });

    if (name === threeBrokers) {
      it("is ready, every connection works, and what is acknowledged survives the death of a broker", async () => {
        expect(await system.unwell()).toEqual([]);
        expect(await system.broken(300)).toEqual([]);
        const broker = (await system.pods()).filter(({ metadata }) => metadata.name === "caracal-kafka-1");
        await survives(pods, system, broker, writers.caracal);
      }, 1_500_000);
      return;
    }
    runsSoundly(() => ({ pods, system }), known[name]);
    if (name !== "caracal") return;

    it("its load balancer passes on who shows a certificate of its authority, from where the settings say", async () => {
      const place = await behind(system);
      const { ca, identity } = system.authority();
      expect(await ask(place, ca, identity)).toMatchObject({ status: 200 });
      expect(await ask(place, ca)).toEqual({ refused: expect.stringMatching(/alert certificate required/) });
      expect(await ask(place, ca, foreigner())).toEqual({
        refused: expect.stringMatching(/alert unknown ca|socket hang up|ECONNRESET/),
      });
      expect(connectsFromOutside(pods.cluster.machine, place.address, place.port)).toBe(false);
    });

    it("a renewed certificate is shown after its pods were replaced, and no request fails meanwhile", async () => {
      const place = await behind(system);
      const { ca, identity } = system.authority();
      const before = await ask(place, ca, identity);
      const url = `https://${place.address}:${place.port}/`;
      const load = startLoad(undefined, "caracal-gateway", url, system.identity());
      const old = (await system.pods()).filter((pod) => workloadOf(pod) === "caracal-gateway");
      expect(old).not.toEqual([]);
      await system.renew("caracal-ca-gateway");
      // While one ends, it still takes connections.
      await gone(system.client, old);
      expect((await load.stop()).failures).toEqual([]);
      const after = await ask(place, ca, identity);
      expect(after).toMatchObject({ status: 200 });
      expect(after).not.toEqual(before);
    }, 300_000);
  });
});

/** Where Caracal's clients connect to. */
async function behind({ client, namespace }: System): Promise<{ address: string; port: number; host: string }> {
  const services = await client.list("v1", "services", namespace);
  const { spec, status }: Loose = services.find((one) => one["spec"].type === "LoadBalancer");
  return { address: status.loadBalancer.ingress[0].ip, port: spec.ports[0].port, host: gateway };
}
