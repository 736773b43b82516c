/** What is looked at: a DigitalOcean account, a cluster, or both. */
import { clusterName } from "../../components/cluster/cluster.ts";
import { DigitalOceanApi } from "../../preflight/api.ts";
import { reachKubeconfig } from "../../preflight/kubeconfig.ts";
import type { ClusterServer } from "../../preflight/reach.ts";
import { reach } from "../../preflight/reach.ts";
import { PreflightError } from "../../settings/reading/error.ts";
import { project } from "../../settings/reading/keys.ts";
import type { PlatformSetting } from "../../settings/platform.ts";
import { AccountReader, type CloudItem } from "./account.ts";
import { ClusterReader } from "./cluster.ts";

/** What can be looked at. */
export interface Ground {
  /** @default - no token, so that nothing is known of the account */
  readonly account?: AccountReader | undefined;
  /** @default - there is no cluster yet */
  readonly cluster?: ClusterReader | undefined;
  /** The cluster at DigitalOcean; undefined for one that only a kubeconfig tells of. */
  readonly doks?: CloudItem | undefined;
  /** Why something is not looked at. */
  readonly remarks: readonly string[];
}

/** Where to look. */
export interface Places {
  /** DigitalOcean's API token; secret. */
  readonly token: string | undefined;
  /** A kubeconfig that is used whatever the settings say. */
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

/**
 * Opens what a stack stands on, for reading.
 *
 * @throws {PreflightError} if the cluster that was named cannot be reached
 */
export async function openGround(stack: string, platform: PlatformSetting, places: Places): Promise<Ground> {
  const { token } = places;
  const api = token === undefined ? undefined : new DigitalOceanApi(token);
  const account = api && new AccountReader(api);
  const remarks =
    api === undefined ? ["without DIGITALOCEAN_TOKEN the account was not looked at, only the cluster"] : [];
  const { cluster } = platform;
  if (
    places.kubeconfig !== undefined ||
    places.context !== undefined ||
    cluster.source === "kubeconfig" ||
    api === undefined
  ) {
    const given = cluster.source === "kubeconfig" ? cluster : { source: "kubeconfig" as const };
    const { kubeconfig: path = given.path, context = given.context } = places;
    return { account, cluster: new ClusterReader(await serverOf(stack, { path, context })), remarks };
  }
  if (cluster.source === "stack")
    return {
      account,
      remarks: [...remarks, "name the other stack's cluster with --kubeconfig, or it is not looked at"],
    };
  const name = clusterName(cluster, stack);
  const clusters = await account?.list("/v2/kubernetes/clusters", "kubernetes_clusters");
  const doks = clusters?.find((one) => one["name"] === name);
  if (doks === undefined) {
    const names = (clusters ?? []).map((one) => String(one["name"])).join(", ") || "none";
    return { account, remarks: [...remarks, `the account has no cluster ${name}; it has: ${names}`] };
  }
  return { account, doks, cluster: new ClusterReader(await doksServer(stack, api, doks, token ?? "")), remarks };
}

async function serverOf(
  stack: string,
  { path, context }: { path: string | undefined; context: string | undefined },
): Promise<ClusterServer> {
  const server = await reachKubeconfig(`${project}:platform.cluster`, {
    source: "kubeconfig",
    ...(path === undefined ? {} : { path }),
    ...(context === undefined ? {} : { context }),
  });
  if (Array.isArray(server)) throw new PreflightError(stack, server);
  return server;
}

async function doksServer(stack: string, api: DigitalOceanApi, doks: CloudItem, token: string): Promise<ClusterServer> {
  const { certificate_authority_data: data } = await api.get<{ certificate_authority_data: string }>(
    `/v2/kubernetes/clusters/${String(doks["id"])}/credentials`,
  );
  const server = { server: String(doks["endpoint"]), ca: Buffer.from(data, "base64").toString(), token };
  const { status, error } = await reach(server);
  if (status !== 0) return server;
  const fix = "open its firewall to this machine, or give a kubeconfig with --kubeconfig";
  throw new PreflightError(stack, [
    { path: `cluster ${String(doks["name"])}`, value: server.server, problem: `does not answer (${error})`, fix },
  ]);
}
