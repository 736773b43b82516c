/**
 * Every system as containers on a real kubelet, with exactly what is rendered for them: they become ready as who they are
 * declared to be, reach what they declare, and nothing else.
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Patch } from "../../graph/render/configuration.ts";
import { selects } from "../../graph/pods.ts";
import { Ahead } from "../support/pods/ahead.ts";
import { missing, PodsCluster } from "../support/pods/cluster.ts";
import { unwell, type System } from "../support/pods/system.ts";
import { ask, connectsFromOutside, foreigner } from "../support/pods/clients.ts";
import { ends, evicted, kill, persistently, release, rolling, startLoad } from "../support/pods/lifecycle.ts";
import { containerProcesses } from "../support/pods/processes.ts";
import { declared, listening, outsidePorts, portsOf, published, reached, workloadOf } from "../support/pods/reach.ts";
import { systemKeys, type Loose, type SystemKey } from "../support/stack.ts";

if (missing !== undefined) console.warn(`skipped: pods on a real node, which needs ${missing}`);

const both = (kind: string) => [`${kind}-deployment`, `${kind}-concrete-deployment`];
const quick = { initialDelaySeconds: 60, periodSeconds: 2, failureThreshold: 10 };
const mongo = (site: string) => ({ mongoUri: `mongodb+srv://app:given@${site}.example.mongodb.net/app` });

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
  bowmark: {
    "doks-systems:secrets": { bowmark: { paving: mongo("paving"), concrete: mongo("concrete") } },
    "doks-systems:bowmark": {
      workloads: {
        // As in production: two, so that a budget and an update have something to keep.
        ...Object.fromEntries(
          both("server")
            .concat(both("client"))
            .map((name) => [name, { replicas: 2 }]),
        ),
        // A quick look, so that the test sees within seconds what takes minutes by default.
        ...Object.fromEntries(both("consumer").map((name) => [name, { probes: { liveness: quick } }])),
      },
    },
  },
};

/** Caracal again, which loses a broker. */
const threeBrokers = "caracal with three brokers";
const kafka = { kind: "in-cluster", brokers: 3, storage: "2Gi", zookeeper: { nodes: 1, storage: "1Gi" } };

/** A broker's pod, with the workload that writes to it, and how. */
interface Broker {
  readonly server: string;
  readonly client: string;
  readonly program: string;
}

const brokers: Partial<Record<SystemKey, Broker>> = {
  bowmark: { server: "rabbitmq-0", client: "server-deployment", program: "amqp.ts" },
  caracal: { server: "caracal-kafka-0", client: "caracal-gateway", program: "kafka.ts" },
};

/** Declared ports that nobody listens on: one that the image does not know, and those of members when there is only one. */
const silent: Partial<Record<SystemKey, readonly string[]>> = {
  dotdo: ["dotdo:8788"],
  caracal: ["caracal-zookeeper:2888", "caracal-zookeeper:3888"],
};

describe.skipIf(missing !== undefined)("pods", () => {
  let pods: PodsCluster;
  const order = systemKeys.flatMap((key) => (key === "bowmark" ? ([threeBrokers, key] as const) : [key]));
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
        expect(unwell(await system.pods())).toEqual([]);
        expect(await system.broken(180)).toEqual([]);
        await survives(pods, system, { server: "caracal-kafka-1", client: "caracal-gateway", program: "kafka.ts" });
        expect(await system.broken(180)).toEqual([]);
      }, 900_000);
      return;
    }
    const key = name;

    it("is ready, and nothing of it was started twice", async () => {
      expect(unwell(await system.pods())).toEqual([]);
    });

    it("runs under Pod Security restricted, as its declared user, without rights, on a root that it cannot write", async () => {
      const { metadata } = system.rendered.object("Namespace", system.namespace);
      expect(metadata.labels["pod-security.kubernetes.io/enforce"]).toBe("restricted");
      const running = containerProcesses(pods.cluster.machine);
      for (const pod of await system.pods()) {
        const { runAsUser: uid, runAsGroup: gid } = pod["spec"].securityContext;
        const own = running.filter((one) => one.pod === pod.metadata.uid);
        expect(own, pod.metadata.name).not.toEqual([]);
        for (const one of own) {
          const limits = { capabilities: "0000000000000000", noNewPrivileges: true, seccomp: true, rootReadOnly: true };
          expect(one, pod.metadata.name).toMatchObject({ uid, gid, ...limits });
        }
      }
    });

    it("every connection that its applications declare works, with what they are given for it", async () => {
      expect(await system.broken(180)).toEqual([]);
    }, 240_000);

    it("reaches what it declares, and nothing else", async () => {
      const all = await system.pods();
      const { client, cluster } = pods;
      const others = (await client.list("v1", "pods", "kube-system")).filter(
        ({ status }) => status.phase === "Running",
      );
      const node = `${cluster.machine.address}:10250`;
      const targets = new Map([
        ...portsOf(all),
        ...portsOf(others),
        ...outsidePorts(system.resources),
        ...[[node, "kubelet"] as const, ["10.245.0.1:443", "kubernetes"] as const],
        ["169.254.169.254:80", "metadata"] as const,
      ]);
      const there = new Set(listening(cluster.machine, targets));
      expect([...portsOf(all).values()].filter((name) => !there.has(name))).toEqual(silent[key] ?? []);
      for (const [pod, names] of await reached(cluster.machine, all, targets)) {
        const workload = workloadOf(pod);
        const own = [...declared(system.resources, workload), ...ownPorts(pod, workload)];
        const expected = new Set(own.filter((name) => name.startsWith("outside:") || there.has(name)));
        expect(names, workload).toEqual([...expected].toSorted());
      }
    }, 120_000);

    it("is reached from another namespace where it is published, and nowhere else", async () => {
      const strangers = await pods.client.list("v1", "pods", "kube-system");
      const found = await reached(pods.cluster.machine, strangers, portsOf(await system.pods()));
      expect(found.map(([, names]) => names)).toEqual([published(system.rendered).toSorted()]);
    }, 60_000);

    it("an update of its images drops no request", async ({ skip }) => {
      const { machine } = pods.cluster;
      const updated = await rolling(system);
      skip(updated.length === 0, "nothing of it answers requests");
      const identity = system.identity();
      const loads = updated.map(({ name, url }) => startLoad(machine, name, url, identity));
      await Promise.all(updated.map(({ deployment }) => release(system, deployment)));
      const answered = await Promise.all(loads.map(async (load) => ({ what: load.what, ...(await load.stop()) })));
      expect(answered.filter(({ failures }) => failures.length > 0)).toEqual([]);
      for (const { what, sent } of answered) expect(sent, what).toBeGreaterThan(100);
    }, 300_000);

    it.runIf(key === "caracal")(
      "its load balancer passes on who shows a certificate of its authority, from where the settings say",
      async () => {
        const place = await behind(system);
        const { ca, identity } = system.authority();
        expect(await ask(place, ca, identity)).toMatchObject({ status: 200 });
        expect(await ask(place, ca)).toEqual({ refused: expect.stringMatching(/alert certificate required/) });
        expect(await ask(place, ca, foreigner())).toEqual({
          refused: expect.stringMatching(/alert unknown ca|socket hang up|ECONNRESET/),
        });
        expect(connectsFromOutside(pods.cluster.machine, place.address, place.port)).toBe(false);
      },
      60_000,
    );

    it.runIf(key === "caracal")(
      "a renewed certificate is shown after its pods were replaced, and no request fails meanwhile",
      async () => {
        const place = await behind(system);
        const { ca, identity } = system.authority();
        const before = await ask(place, ca, identity);
        const url = `https://${place.address}:${place.port}/`;
        const load = startLoad(undefined, "caracal-gateway", url, system.identity());
        await system.renew("caracal-ca-gateway");
        // For a second or two the pod that ends still takes connections.
        const renewed = async () => JSON.stringify(await ask(place, ca, identity)) !== JSON.stringify(before);
        for (let tries = 0; tries < 20 && !(await renewed()); tries += 1) await sleep(500);
        expect((await load.stop()).failures).toEqual([]);
        const after = await ask(place, ca, identity);
        expect(after).toMatchObject({ status: 200 });
        expect(after).not.toEqual(before);
      },
      300_000,
    );

    it("a budget lets one of two go, and not the other", async ({ skip }) => {
      const budgets = await system.client.list("policy/v1", "poddisruptionbudgets", system.namespace);
      skip(budgets.length === 0, "one of each has no budget");
      for (const { metadata, spec } of budgets) {
        const own = (await system.pods()).filter((pod) => selects(spec.selector, pod.metadata.labels ?? {}));
        const gone = [];
        for (const pod of own) gone.push(await evicted(system.client, pod));
        expect(gone.filter(Boolean).length, metadata.name).toBe(own.length - 1);
      }
    }, 60_000);

    it("every application ends by itself when it is told to, and another is ready", async () => {
      const all = await system.applications();
      for (const { workload, exitCode, seconds, grace } of await ends(system.client, all)) {
        expect([0, 143], workload).toContain(exitCode);
        expect(seconds, workload).toBeLessThan(grace);
      }
      await system.ready(300);
    }, 450_000);

    it.runIf(brokers[key] !== undefined)(
      "what its broker acknowledged is there after it was killed while a client writes",
      async () => {
        await survives(pods, system, brokers[key]);
      },
      400_000,
    );

    it("every connection works again after every server was killed", async ({ skip }) => {
      const servers = (await system.pods()).filter(
        ({ metadata }) => (metadata as Loose).ownerReferences[0].kind === "StatefulSet",
      );
      skip(servers.length === 0, "it has no server of its own");
      kill(pods.cluster.machine, servers);
      await sleep(3000);
      await system.ready(300);
      expect(await system.broken(300)).toEqual([]);
    }, 650_000);
  });
});

/** Kills a broker while a client writes: what it acknowledged until then is there afterwards. */
async function survives(pods: PodsCluster, system: System, broker: Broker | undefined): Promise<void> {
  if (broker === undefined) throw new Error("it has no broker");
  const running = await system.pods();
  const server = running.filter(({ metadata }) => metadata.name === broker.server);
  const client = running.find((pod) => workloadOf(pod) === broker.client)?.metadata.name ?? "";
  const program = readFileSync(new URL(`../support/pods/writers/${broker.program}`, import.meta.url), "utf8");
  const told = async (line: string) => {
    const command = ["sh", "-c", `cd /opt/stand-in && ${line}`];
    const text = await pods.exec(client, system.namespace, command, program);
    return text.split("\n").filter((line) => line !== "");
  };
  // However it ends, it has told what it knows; and another broker may have taken over without its notice.
  const node = "./node --input-type=module-typescript -";
  const writing = told(`timeout 24 ${node} write || true`);
  await sleep(10_000);
  kill(pods.cluster.machine, server);
  const acknowledged = await writing;
  await system.ready(300);
  // A pod counts as ready until its probe says otherwise.
  const there = await persistently(() => told(`${node} read`));
  expect(acknowledged.length).toBeGreaterThan(20);
  expect(acknowledged.filter((one) => !new Set(there).has(one))).toEqual([]);
}

/** Where Caracal's clients connect to. */
async function behind({ client, namespace }: System): Promise<{ address: string; port: number; host: string }> {
  const services = await client.list("v1", "services", namespace);
  const { spec, status }: Loose = services.find((one) => one["spec"].type === "LoadBalancer");
  return { address: status.loadBalancer.ingress[0].ip, port: spec.ports[0].port, host: gateway };
}

/** A pod reaches itself, which no policy forbids. */
function ownPorts(pod: { readonly [field: string]: Loose }, workload: string): string[] {
  return pod["spec"].containers.flatMap(({ ports = [] }: Loose) =>
    ports.map(({ containerPort }: Loose) => `${workload}:${containerPort}`),
  );
}
