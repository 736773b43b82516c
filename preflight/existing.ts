/**
 * Checks of a DOKS cluster that a stack takes as given (`cluster.source: existing`): that it is there and runs, is where the
 * settings say, and has the pools that they name.
 */
import { kubernetesMinors } from "../catalogue/kubernetes.ts";
import { shown, type Problem } from "../settings/reading/error.ts";
import { project } from "../settings/reading/keys.ts";
import type { ClusterSetting, PlatformSetting } from "../settings/platform.ts";
import type { DigitalOceanApi } from "./api.ts";

type Existing = Extract<ClusterSetting, { source: "existing" }>;

/** A DOKS cluster, as DigitalOcean's API lists it. */
export interface DoksCluster {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  /** Slug of its version: `1.36.3-do.0`. */
  readonly version: string;
  readonly endpoint: string;
  readonly cluster_subnet: string;
  readonly service_subnet: string;
  readonly status: { readonly state: string };
  readonly node_pools: readonly { readonly name: string; readonly size: string }[];
}

const key = `${project}:platform`;

/** States in which the API server of a cluster answers. Source: DigitalOcean's OpenAPI document, `cluster_status`. */
const running = ["running", "degraded", "upgrading"];

/** How many clusters the provider's lookup reads: the first page of the list, as long as the API makes it by itself. */
const lookedAt = 20;

/** All clusters of the account. */
export function doksClusters(api: DigitalOceanApi): Promise<DoksCluster[]> {
  return api.list<DoksCluster>("/v2/kubernetes/clusters", "kubernetes_clusters");
}

/** The cluster that the settings mean; undefined if the account does not have it. */
export function meant({ name, id }: Existing, clusters: readonly DoksCluster[]): DoksCluster | undefined {
  return clusters.find((one) => (id === undefined ? one.name === name : one.id === id));
}

/** Problems with a cluster that is taken as given; the cluster itself, where it can be asked further questions. */
export function checkExisting(
  { cluster, region, catalogue, pools }: PlatformSetting & { readonly cluster: Existing },
  clusters: readonly DoksCluster[],
): { readonly problems: Problem[]; readonly found: DoksCluster | undefined } {
  const found = meant(cluster, clusters);
  const field = cluster.id === undefined ? "name" : "id";
  const about = { path: `${key}.cluster.${field}`, value: shown(cluster[field]) };
  if (found === undefined) {
    const names = clusters.map((one) => (field === "id" ? `${one.id} (${one.name})` : one.name)).join(", ");
    const fix = `use ${names === "" ? "source: create: the account has none" : `one of ${names}`}`;
    return { problems: [{ ...about, problem: "is no cluster of the account", fix }], found };
  }
  if (!running.includes(found.status.state)) {
    const problem = `is in state ${found.status.state}`;
    return {
      problems: [{ ...about, problem, fix: "wait until it runs, or look at it at DigitalOcean" }],
      found: undefined,
    };
  }
  const minor = found.version.split(".").slice(0, 2).join(".");
  const problems: Problem[] = [];
  if (clusters.indexOf(found) >= lookedAt) {
    const problem = `is not among the first ${lookedAt} clusters of the account, which are all that the provider looks at`;
    problems.push({ ...about, problem, fix: "use source: kubeconfig with a context of it" });
  }
  if (catalogue === "strict" && !kubernetesMinors.includes(minor)) {
    const problem = `runs Kubernetes ${found.version}, and this program knows ${kubernetesMinors.join(", ")}`;
    problems.push({ ...about, problem, fix: "upgrade it first, or set catalogue: lenient" });
  }
  if (found.region !== region) {
    const problem = `is where managed databases would be made, and cluster ${found.name} is in ${found.region}`;
    problems.push({ path: `${key}.region`, value: shown(region), problem, fix: `use ${found.region}` });
  }
  return { problems: [...problems, ...checkPools(found, pools)], found };
}

function checkPools({ name, node_pools: there }: DoksCluster, pools: PlatformSetting["pools"]): Problem[] {
  return Object.entries(pools).flatMap(([pool, setting]): Problem[] => {
    if (setting.kind !== "existing") return [];
    const path = `${key}.pools.${pool}`;
    const own = there.find((one) => one.name === pool);
    if (own === undefined) {
      const fix = `use one of ${there.map((one) => one.name).join(", ")}, or have it made: size, min and max, without kind`;
      return [{ path: `${path}.kind`, value: shown(setting.kind), problem: `is no pool of cluster ${name}`, fix }];
    }
    if (setting.size === undefined || setting.size === own.size) return [];
    const problem = `is not the size of its nodes, ${own.size}, so what fits would be counted wrong`;
    return [{ path: `${path}.size`, value: shown(setting.size), problem, fix: `write ${own.size}` }];
  });
}
