/** What happens to running pods: a signal, an update, an eviction, a kill. */
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ApiError, type ApiObject, type Client } from "../../../sandbox/control-plane/client.ts";
import type { Machine } from "../../../sandbox/node/machine.ts";
import { ready } from "../cluster/deploy.ts";
import { selects } from "../../../graph/pods.ts";
import type { Loose } from "../stack.ts";
import type { System } from "./system.ts";
import { containerProcesses } from "./processes.ts";
import { workloadOf } from "./reach.ts";

const loadProgram = fileURLToPath(new URL("programs/load.ts", import.meta.url));
const finalizer = "tests.doks-systems/ended";

/** How a container ended. */
export interface End {
  readonly workload: string;
  readonly exitCode: number;
  readonly seconds: number;
  /** Seconds that it was given. */
  readonly grace: number;
}

/**
 * How the containers of pods end.
 *
 * @param told tells the pods to end, and is waited for
 */
export async function ends(
  client: Client,
  pods: readonly ApiObject[],
  told: () => Promise<unknown>,
): Promise<readonly End[]> {
  // Keeps the objects until it is known.
  await Promise.all(pods.map((pod) => mark(client, pod, [finalizer])));
  const [ended] = await Promise.all([Promise.all(pods.map((pod) => end(client, pod))), told()]);
  return ended;
}

async function end(client: Client, pod: ApiObject): Promise<End> {
  const grace = pod["spec"].terminationGracePeriodSeconds as number;
  for (let tries = 0; ; tries += 1) {
    const now = await client.get(pod);
    const { deletionTimestamp, deletionGracePeriodSeconds } = (now?.metadata ?? {}) as Loose;
    const states = ((now?.["status"].containerStatuses ?? []) as Loose[]).map(({ state }) => state.terminated);
    const isDone = deletionTimestamp !== undefined && states.every((state) => state !== undefined);
    if (isDone || tries === 600) {
      await mark(client, pod, []);
      // That is when it is to be gone at the latest.
      const from = Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
      const last = Math.max(...states.map((state) => Date.parse(state?.finishedAt)));
      return { workload: workloadOf(pod), exitCode: states[0]?.exitCode ?? -1, seconds: (last - from) / 1000, grace };
    }
    await sleep(500);
  }
}

async function mark(client: Client, pod: ApiObject, finalizers: readonly string[]): Promise<void> {
  await client.call("PATCH", await client.path(pod), { metadata: { finalizers } }, "application/merge-patch+json");
}

/** Requests at a constant rate to a Service. */
export interface Load {
  readonly what: string;
  /** Ends it, and tells what was not answered. */
  stop(): Promise<{ sent: number; failures: string[] }>;
}

/**
 * @param machine where the requests come from; undefined for this one
 * @param identity files of the certificate and key that it shows
 */
export function startLoad(machine: Machine | undefined, what: string, url: string, identity: readonly string[]): Load {
  const args = [loadProgram, url, "20", ...identity];
  const child = machine?.start(process.execPath, args) ?? spawn(process.execPath, args);
  let text = "";
  child.stdout.on("data", (data: Buffer) => (text += data.toString()));
  const ended = new Promise((resolve) => child.once("close", resolve));
  return {
    what,
    stop: async () => {
      child.stdin.end();
      await ended;
      return JSON.parse(text) as { sent: number; failures: string[] };
    },
  };
}

/** Deployments with a Service of HTTP and a readiness probe that an update replaces pod by pod, each with its URL. */
export async function rolling(system: System): Promise<{ deployment: ApiObject; name: string; url: string }[]> {
  const services = await system.client.list("v1", "services", system.namespace);
  return system.workloads().flatMap((deployment) => {
    const { strategy, replicas = 1, template } = deployment["spec"];
    const { maxSurge, maxUnavailable } = strategy?.rollingUpdate ?? {};
    const keepsOne =
      strategy?.type === "RollingUpdate" && (replicas > 1 || (maxUnavailable === 0 && ![0, "0%"].includes(maxSurge)));
    const service = services.find(
      ({ spec }) =>
        spec.clusterIP !== "None" &&
        spec.selector !== undefined &&
        selects({ matchLabels: spec.selector }, template.metadata.labels),
    );
    const isAsked = template.spec.containers.some(({ readinessProbe }: Loose) => readinessProbe !== undefined);
    if (!keepsOne || !isAsked || service === undefined) return [];
    const { clusterIP, ports } = service["spec"];
    const [{ port, name }] = ports;
    const url = `${name === "https" ? "https" : "http"}://${clusterIP}:${port}/`;
    return [{ deployment, name: deployment.metadata.name, url }];
  });
}

/**
 * Kills every process in the containers of pods, and waits until each pod tells that its container was started again. From
 * then on it counts as ready only if the new one is.
 *
 * @throws {Error} with the names of those that were not, in three minutes
 */
export async function kill(client: Client, machine: Machine, pods: readonly ApiObject[]): Promise<void> {
  const own = new Set(pods.map(({ metadata }) => metadata.uid));
  const ids = containerProcesses(machine).filter(({ pod }) => own.has(pod));
  // Children may be gone with their parent.
  machine.command("bash", ["-c", `kill -KILL ${ids.map(({ pid }) => pid).join(" ")} 2>/dev/null; true`]);
  const waitsFor = async (pod: ApiObject) => restarts(await client.get(pod)) <= restarts(pod);
  let left = pods;
  for (let tries = 0; left.length > 0; tries += 1) {
    const names = left.map(({ metadata }) => metadata.name).join(", ");
    if (tries === 360) throw new Error(`${names}: not started again in 180 s`);
    await sleep(500);
    const waiting = await Promise.all(left.map(waitsFor));
    left = left.filter((_, i) => waiting[i]);
  }
}

/** Waits until pods are no more; others may have their names by then. */
export async function gone(client: Client, pods: readonly ApiObject[]): Promise<void> {
  for (const pod of pods) while ((await client.get(pod))?.metadata.uid === pod.metadata.uid) await sleep(500);
}

/** How often a pod's containers were started again. */
function restarts(pod: ApiObject | undefined): number {
  const containers = (pod?.["status"].containerStatuses ?? []) as { restartCount: number }[];
  return containers.reduce((sum, { restartCount }) => sum + restartCount, 0);
}

/** Gives the containers of a Deployment another tag of their image, and waits until it has rolled out. */
export async function release(system: System, deployment: ApiObject): Promise<void> {
  const [container] = deployment["spec"].template.spec.containers as Loose[];
  const image = `${String(container?.image).replace(/:[^:/]*$/, "")}:next`;
  const patch = { spec: { template: { spec: { containers: [{ name: container?.name, image }] } } } };
  await system.client.call(
    "PATCH",
    await system.client.path(deployment),
    patch,
    "application/strategic-merge-patch+json",
  );
  await ready(system.client, deployment, 600);
}

/** Asks for a pod's eviction; whether a disruption budget lets it go. */
export async function evicted(client: Client, pod: ApiObject): Promise<boolean> {
  const { name, namespace = "" } = pod.metadata;
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
  try {
    await client.call("POST", path, { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 429) return false;
    throw error;
  }
}

/** Tries until it succeeds, for two minutes. */
export async function persistently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === 60) throw error;
      await sleep(2000);
    }
  }
}
