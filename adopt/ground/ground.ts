/** What is looked at: a DigitalOcean account, a cluster, or both. */
import { clusterName } from "../../components/cluster/cluster.ts";
import { DigitalOceanApi } from "../../preflight/api.ts";
import { doksClusters, meant, type DoksCluster } from "../../preflight/existing.ts";
import { reachKubeconfig } from "../../preflight/kubeconfig.ts";
import { reach, type ClusterServer } from "../../preflight/reach.ts";
import { PreflightError } from "../../settings/reading/error.ts";
import { project } from "../../settings/reading/keys.ts";
import type { PlatformSetting } from "../../settings/platform.ts";
import { AccountReader } from "./account.ts";
import { ClusterReader } from "./cluster.ts";

/** What can be looked at. */
export interface Ground {
  /** @default - no token, so that nothing is known of the account */
  readonly account?: AccountReader | undefined;
  /** @default - there is no cluster yet */
  readonly cluster?: ClusterReader | undefined;
  /** The cluster at DigitalOcean; undefined for one that only a kubeconfig tells of. */
  readonly doks?: DoksCluster | undefined;
  /** Why something is not looked at. */
  readonly remarks: readonly string[];
}

/** Where to look. */
export interface Places {
  /** DigitalOcean's API token; secret. */
  readonly token: string | undefined;
  /** A kubeconfig that is used whatever the settings say. */
  readonly kubeconfig: string | undefined;
  /** Which cluster of the kubeconfig. */
  readonly context: string | undefined;
}

/**
 * Opens what a stack stands on, for reading.
 *
 * @param guess whether the only cluster of an account is taken for the stack's, if the account has none of the stack's name
 * @throws {PreflightError} if the cluster that was named cannot be reached
 */
export async function openGround(
  stack: string,
  { cluster }: PlatformSetting,
  { token, kubeconfig, context }: Places,
  guess: boolean,
): Promise<Ground> {
  const api = token === undefined ? undefined : new DigitalOceanApi(token);
  const account = api && new AccountReader(api);
  const remarks =
    api === undefined ? ["without DIGITALOCEAN_TOKEN the account was not looked at, only the cluster"] : [];
  const clusters = api === undefined ? [] : await doksClusters(api);
  const named = (one: DoksCluster) => cluster.source === "create" && one.name === clusterName(cluster, stack);
  const own = cluster.source === "existing" ? meant(cluster, clusters) : clusters.find(named);
  const doks = own ?? (guess && cluster.source === "create" && clusters.length === 1 ? clusters[0] : undefined);
  if (kubeconfig !== undefined || context !== undefined || cluster.source === "kubeconfig" || api === undefined) {
    const given = cluster.source === "kubeconfig" ? cluster : {};
    const where = { ...given, ...defined({ path: kubeconfig, context }) };
    return { account, doks, remarks, cluster: await fromKubeconfig(stack, where) };
  }
  if (doks !== undefined) return { account, doks, remarks, cluster: await ofDoks(stack, api, doks, token ?? "") };
  const names = clusters.map(({ name }) => name).join(", ");
  const other =
    names === "" ? "the account has no cluster" : `the account's clusters are ${names}, none of them the stack's`;
  return {
    account,
    remarks: [...remarks, `${other}: name one with platform.cluster, or look at one with --cluster`],
  };
}

async function fromKubeconfig(stack: string, where: { path?: string; context?: string }): Promise<ClusterReader> {
  const server = await reachKubeconfig(`${project}:platform.cluster`, where);
  if (Array.isArray(server)) throw new PreflightError(stack, server);
  return new ClusterReader(server);
}

/** DOKS accepts the API token for its API server as well. */
async function ofDoks(stack: string, api: DigitalOceanApi, doks: DoksCluster, token: string): Promise<ClusterReader> {
  const { certificate_authority_data: data } = await api.get<{ certificate_authority_data: string }>(
    `/v2/kubernetes/clusters/${doks.id}/credentials`,
  );
  const server: ClusterServer = { server: doks.endpoint, ca: Buffer.from(data, "base64").toString(), token };
  const { status, error } = await reach(server);
  if (status !== 0) return new ClusterReader(server);
  const fix = "open its firewall to this machine, or give a kubeconfig with --cluster";
  const problem = `does not answer (${error})`;
  throw new PreflightError(stack, [{ path: `cluster ${doks.name}`, value: doks.endpoint, problem, fix }]);
}

function defined(given: { path: string | undefined; context: string | undefined }): {
  path?: string;
  context?: string;
} {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
