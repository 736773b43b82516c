/** What holds of every system that runs, each as a test. */
import { expect, it } from "vitest";
import { selects } from "../../../graph/pods.ts";
import type { Loose } from "../stack.ts";
import type { PodsCluster } from "./cluster.ts";
import { ends, evicted, release, rolling, startLoad } from "./lifecycle.ts";
import { containerProcesses } from "./processes.ts";
import { declared, listening, outsidePorts, portsOf, published, reached, workloadOf } from "./reach.ts";
import { survives, type Writer } from "./survival.ts";
import type { System } from "./system.ts";

/** A system, and the cluster that it runs on. */
export interface Deployed {
  readonly pods: PodsCluster;
  readonly system: System;
}

/** What is known of a system. */
export interface Known {
  /** Declared ports that nobody listens on, as `dotdo:8788`. */
  readonly silent?: readonly string[];
  /** Who writes to its broker. */
  readonly writer?: Writer;
}

/**
 * Defines its tests: it becomes ready as who it is declared to be, reaches what it declares and nothing else, and is updated,
 * evicted, ended and killed without a loss.
 */
export function runsSoundly(deployed: () => Deployed, { silent = [], writer }: Known = {}): void {
  it("is ready, and nothing of it was started twice", async () => {
    const { system } = deployed();
    expect(await system.unwell()).toEqual([]);
  });

  it("runs under Pod Security restricted, as its declared user, without rights, on a root that it cannot write", async () => {
    const { pods, system } = deployed();
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
    const { system } = deployed();
    expect(await system.broken(300)).toEqual([]);
  }, 360_000);

  it("reaches what it declares, and nothing else", async () => {
    const { pods, system } = deployed();
    const all = await system.pods();
    const { client, cluster } = pods;
    const others = (await client.list("v1", "pods", "kube-system")).filter(({ status }) => status.phase === "Running");
    const node = `${cluster.machine.address}:10250`;
    const targets = new Map([
      ...portsOf(all),
      ...portsOf(others),
      ...outsidePorts(system.resources),
      ...[[node, "kubelet"] as const, ["10.245.0.1:443", "kubernetes"] as const],
      ["169.254.169.254:80", "metadata"] as const,
    ]);
    const there = new Set(listening(cluster.machine, targets));
    expect([...portsOf(all).values()].filter((name) => !there.has(name))).toEqual(silent);
    for (const [pod, names] of await reached(cluster.machine, all, targets)) {
      const workload = workloadOf(pod);
      const own = [...declared(system.resources, workload), ...ownPorts(pod, workload)];
      const expected = new Set(own.filter((name) => name.startsWith("outside:") || there.has(name)));
      expect(names, workload).toEqual([...expected].toSorted());
    }
  });

  it("is reached from another namespace where it is published, and nowhere else", async () => {
    const { pods, system } = deployed();
    const strangers = await pods.client.list("v1", "pods", "kube-system");
    const found = await reached(pods.cluster.machine, strangers, portsOf(await system.pods()));
    expect(found.map(([, names]) => names)).toEqual([published(system.rendered).toSorted()]);
  });

  it("all of its applications end by themselves when they are updated or told to, and no request is dropped", async () => {
    const { pods, system } = deployed();
    const { machine } = pods.cluster;
    const updated = await rolling(system);
    const all = await system.applications();
    const others = all.filter(
      ({ metadata }) => !updated.some(({ deployment }) => selects(deployment["spec"].selector, metadata.labels ?? {})),
    );
    const identity = system.identity();
    const loads = updated.map(({ name, url }) => startLoad(machine, name, url, identity));
    const ended = await ends(system.client, all, () =>
      Promise.all([
        ...updated.map(({ deployment }) => release(system, deployment)),
        ...others.map((pod) => system.client.delete(pod)),
      ]),
    );
    await system.ready(600);
    for (const load of loads) {
      const { sent, failures } = await load.stop();
      expect(failures, load.what).toEqual([]);
      expect(sent, load.what).toBeGreaterThan(100);
    }
    for (const { workload, exitCode, seconds, grace } of ended) {
      expect([0, 143], workload).toContain(exitCode);
      expect(seconds, workload).toBeLessThan(grace);
    }
  }, 900_000);

  it("a budget lets one of two go, and not the other", async ({ skip }) => {
    const { system } = deployed();
    const budgets = await system.client.list("policy/v1", "poddisruptionbudgets", system.namespace);
    skip(budgets.length === 0, "one of each has no budget");
    for (const { metadata, spec } of budgets) {
      const own = (await system.pods()).filter((pod) => selects(spec.selector, pod.metadata.labels ?? {}));
      const gone = [];
      for (const pod of own) gone.push(await evicted(system.client, pod));
      expect(gone.filter(Boolean).length, metadata.name).toBe(own.length - 1);
    }
  });

  it("what was acknowledged is there after every server was killed, and every connection works again", async ({
    skip,
  }) => {
    const { pods, system } = deployed();
    const servers = (await system.pods()).filter(
      ({ metadata }) => (metadata as Loose).ownerReferences[0].kind === "StatefulSet",
    );
    skip(servers.length === 0, "it has no server of its own");
    await survives(pods, system, servers, writer);
  }, 1_200_000);
}

/** A pod reaches itself, which no policy forbids. */
function ownPorts(pod: { readonly [field: string]: Loose }, workload: string): string[] {
  return pod["spec"].containers.flatMap(({ ports = [] }: Loose) =>
    ports.map(({ containerPort }: Loose) => `${workload}:${containerPort}`),
  );
}
