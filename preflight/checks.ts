/**
 * Checks before the engine starts: that DigitalOcean's API answers and accepts the token, that it offers what the stack
 * asks for, and that an existing cluster can be reached. If it cannot, the Kubernetes provider would only warn, and a
 * preview would show nothing of what is in the cluster.
 */
import { clusterName } from "../components/cluster/cluster.ts";
import { shown, type Problem } from "../settings/reading/error.ts";
import type { Settings } from "../settings/index.ts";
import { project } from "../settings/reading/keys.ts";
import type { ClusterSetting, PlatformSetting } from "../settings/platform.ts";
import { madePools } from "../settings/platform/cluster.ts";
import { checkAccount, checkDomains, checkRegistry } from "./account.ts";
import { ApiProblem, DigitalOceanApi } from "./api.ts";
import { checkDatabases } from "./databases.ts";
import { checkExisting, doksClusters, type DoksCluster } from "./existing.ts";
import { reachKubeconfig } from "./kubeconfig.ts";
import { checkKinds } from "./kinds.ts";
import { reach } from "./reach.ts";

type Created = Extract<ClusterSetting, { source: "create" }>;
type Existing = Extract<ClusterSetting, { source: "existing" }>;

interface Options {
  readonly versions: { readonly slug: string }[];
  readonly regions: { readonly slug: string }[];
  readonly sizes: { readonly slug: string }[];
}

const key = `${project}:platform`;

/**
 * Every problem around a stack; empty if there is none. Only reads.
 *
 * @param token DigitalOcean's API token; without one, only a cluster known by its kubeconfig is checked
 * @param facts of each system, for checks of its managed databases @default {}
 */
export async function checkSurroundings(
  stack: string,
  platform: PlatformSetting,
  token: string | undefined,
  facts: Settings["facts"] = {},
): Promise<Problem[]> {
  const { cluster } = platform;
  if (cluster.source === "kubeconfig") {
    const server = await reachKubeconfig(`${key}.cluster`, cluster);
    return Array.isArray(server) ? server : checkKinds(key, platform, server);
  }
  if (token === undefined) return [];
  const api = new DigitalOceanApi(token);
  try {
    const account = await api.get<{ account: { droplet_limit: number } }>("/v2/account");
    const databases = await checkDatabases(api, platform, facts);
    if (cluster.source === "stack") return databases;
    const limit = account.account.droplet_limit;
    const found =
      cluster.source === "existing"
        ? await checkGiven(api, { platform: { ...platform, cluster }, token, limit })
        : await checkCluster(api, { stack, platform, cluster, token, limit });
    return [...found, ...databases];
  } catch (error) {
    if (error instanceof ApiProblem) return [explain(api, error)];
    throw error;
  }
}

async function checkCluster(
  api: DigitalOceanApi,
  about: { stack: string; platform: PlatformSetting; cluster: Created; token: string; limit: number },
): Promise<Problem[]> {
  const { cluster, platform, token } = about;
  const name = clusterName(cluster, about.stack);
  const clusters = await doksClusters(api);
  const existing = clusters.find((one) => one.name === name);
  const { options } = await api.get<{ options: Options }>("/v2/kubernetes/options");
  if (existing === undefined)
    return [
      ...checkVersion(options, "version", cluster.version),
      ...checkOffer(options, platform.region, [
        ["cluster.systemPool.size", cluster.systemPool.size],
        ...sizesOf(platform.pools),
      ]),
      ...(await checkAccount(api, { name, platform, cluster, clusters })),
      ...(await checkQuota(api, platform.pools, cluster.systemPool.count, about.limit)),
    ];
  const upgrade = cluster.upgradeTo === undefined ? [] : checkVersion(options, "upgradeTo", cluster.upgradeTo);
  return [...upgrade, ...(await checkRunning(api, existing, platform, token))];
}

/** Problems around a cluster that is taken as given. Its pools that are still to be made must be on offer. */
async function checkGiven(
  api: DigitalOceanApi,
  about: { platform: PlatformSetting & { cluster: Existing }; token: string; limit: number },
): Promise<Problem[]> {
  const { platform, token, limit } = about;
  const { problems, found } = checkExisting(platform, await doksClusters(api));
  const account = [...(await checkRegistry(api, platform)), ...(await checkDomains(api, platform))];
  if (found === undefined) return [...problems, ...account];
  const isNew = ([pool]: [string, unknown]) => !found.node_pools.some(({ name }) => name === pool);
  const pools = Object.fromEntries(Object.entries(madePools(platform.pools)).filter(isNew));
  const toMake = async () => {
    if (Object.keys(pools).length === 0) return [];
    const { options } = await api.get<{ options: Options }>("/v2/kubernetes/options");
    return [...checkOffer(options, platform.region, sizesOf(pools)), ...(await checkQuota(api, pools, 0, limit))];
  };
  return [...problems, ...account, ...(await toMake()), ...(await checkRunning(api, found, platform, token))];
}

type Sizes = (readonly [path: string, size: string])[];

function sizesOf(pools: PlatformSetting["pools"]): Sizes {
  return Object.entries(madePools(pools)).map(([pool, { size }]) => [`pools.${pool}.size`, size] as const);
}

/** Problems with sizes or a region that DigitalOcean does not offer at present. */
function checkOffer(options: Options, region: string, sizes: Sizes): Problem[] {
  const offered = (all: { readonly slug: string }[]) => all.map(({ slug }) => slug);
  const asked: (readonly [path: string, value: string, offers: string[]])[] = [
    ["region", region, offered(options.regions)],
    ...sizes.map(([path, size]) => [path, size, offered(options.sizes)] as const),
  ];
  return asked
    .filter(([, value, offers]) => !offers.includes(value))
    .map(([path, value, offers]) => ({
      path: `${key}.${path}`,
      value: shown(value),
      problem: "is not offered by DigitalOcean Kubernetes",
      fix: `use one of ${offers.join(", ")}`,
    }));
}

function checkVersion({ versions }: Options, setting: string, minor: string): Problem[] {
  if (versions.some(({ slug }) => slug.startsWith(`${minor}.`))) return [];
  const minors = [...new Set(versions.map(({ slug }) => slug.split(".").slice(0, 2).join(".")))];
  const fix = `use one of ${minors.map((one) => `"${one}"`).join(", ")}`;
  return [{ path: `${key}.cluster.${setting}`, value: shown(minor), problem: "is not offered any more", fix }];
}

/** A problem if the smallest number of nodes exceeds the account's limit of Droplets: each node is a Droplet. */
async function checkQuota(
  api: DigitalOceanApi,
  pools: PlatformSetting["pools"],
  others: number,
  limit: number,
): Promise<Problem[]> {
  const { meta } = await api.get<{ meta: { total: number } }>("/v2/droplets?per_page=1");
  const needed = Object.values(madePools(pools)).reduce((sum, { min }) => sum + min, others);
  if (meta.total + needed <= limit) return [];
  return [
    {
      path: `${key}.pools`,
      value: `${needed} nodes at least`,
      problem: `are more than the account may have: ${limit} Droplets, of which ${meta.total} are there`,
      fix: "ask DigitalOcean for a higher limit, or lower `min`",
    },
  ];
}

async function checkRunning(
  api: DigitalOceanApi,
  existing: DoksCluster,
  platform: PlatformSetting,
  token: string,
): Promise<Problem[]> {
  const problem = (text: string, fix: string): Problem[] => [
    { path: `cluster ${existing.name}`, value: existing.id, problem: text, fix },
  ];
  if (["error", "deleted", "invalid"].includes(existing.status.state))
    return problem(`is in state ${existing.status.state}`, "look at it at DigitalOcean before anything else");
  if (existing.endpoint === "") return [];
  const credentials = await api.get<{ certificate_authority_data: string }>(
    `/v2/kubernetes/clusters/${existing.id}/credentials`,
  );
  const ca = Buffer.from(credentials.certificate_authority_data, "base64").toString();
  const server = { server: existing.endpoint, ca, token };
  const answered = await reach(server);
  if (answered.status === 401) return problem("refuses the token", "use a token whose user may reach this cluster");
  if (answered.status !== 0) return checkKinds(key, platform, server);
  return problem(
    `does not answer at ${existing.endpoint} (${answered.error})`,
    "wait until it does (an upgrade takes minutes), or open its firewall to this machine; nothing was changed",
  );
}

function explain(api: DigitalOceanApi, { status, message }: ApiProblem): Problem {
  const about = { path: "digitalocean:token", value: "secret" };
  if (status === 401) {
    const fix = "make a new one at DigitalOcean, and export DIGITALOCEAN_TOKEN=…";
    return { ...about, problem: "is refused: it is wrong, expired or revoked", fix };
  }
  if (status === 403)
    return { ...about, problem: `may not ask that: ${message}`, fix: "give it the right to read that" };
  const problem = status === 0 ? `cannot be reached: ${message}` : `answers ${status}: ${message}`;
  return { path: "DigitalOcean's API", value: api.url, problem, fix: "try again when it answers; nothing was changed" };
}
