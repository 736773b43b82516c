/** Pods that are not as they should be. */
import { hasCondition, type ApiObject, type Client } from "../../../sandbox/control-plane/client.ts";

/** As far as it is read here. */
interface ContainerStatus {
  readonly name: string;
  readonly restartCount: number;
  readonly state: { readonly waiting?: { readonly reason?: string } };
  readonly lastState: { readonly terminated?: { readonly reason?: string; readonly exitCode?: number } };
}

/**
 * What is wrong with pods, a line each: one is not ready, and what it is instead; or a container of it was started again, how
 * the one before ended, and what that said last.
 */
export async function unwell(client: Client, pods: readonly ApiObject[]): Promise<string[]> {
  const told = pods.map(async (pod) => {
    const { status } = pod;
    const containers = (status.containerStatuses ?? []) as ContainerStatus[];
    const waiting = containers.flatMap(({ state }) => state.waiting?.reason ?? []);
    const unready = hasCondition(pod, "Ready") ? [] : [`not ready (${[status.phase, ...waiting].join(", ")})`];
    const again = containers.filter(({ restartCount }) => restartCount > 0).map((one) => ended(client, pod, one));
    return [...unready, ...(await Promise.all(again))].map((what) => `${pod.metadata.name}: ${what}`);
  });
  return (await Promise.all(told)).flat();
}

async function ended(client: Client, pod: ApiObject, { name, restartCount, lastState }: ContainerStatus) {
  const { reason, exitCode } = lastState.terminated ?? {};
  const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/log`;
  const last = await client.call("GET", `${path}?container=${name}&previous=true&tailLines=20`).catch(String);
  return `started again ${restartCount} times; the last ended with ${reason} ${exitCode} after:\n${String(last)}`;
}
