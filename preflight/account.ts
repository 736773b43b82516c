/**
 * Checks whether a stack that is still to be created fits into the DigitalOcean account: its ranges must be free, domains and
 * registries that it expects must exist, and it may need a tier that allows one registry more. Otherwise DigitalOcean would
 * refuse in the middle of an update.
 */
import { overlayRanges } from "../catalogue/networks.ts";
import { overlap, parseBlock } from "../catalogue/addresses.ts";
import { shown, type Problem } from "../settings/reading/error.ts";
import { project } from "../settings/reading/keys.ts";
import type { ClusterSetting, PlatformSetting } from "../settings/platform.ts";
import type { DigitalOceanApi } from "./api.ts";

type Created = Extract<ClusterSetting, { source: "create" }>;

interface Named {
  readonly name: string;
}
interface Vpc extends Named {
  readonly ip_range: string;
}
interface Cluster extends Named {
  readonly cluster_subnet: string;
  readonly service_subnet: string;
}
interface About {
  /** DigitalOcean's name of the cluster and of its VPC. */
  readonly name: string;
  readonly platform: PlatformSetting;
  readonly cluster: Created;
  readonly clusters: readonly Cluster[];
}

const key = `${project}:platform`;

/** Problems with the ranges, the registry and the domains in the settings; empty if there are none. */
export async function checkAccount(api: DigitalOceanApi, about: About): Promise<Problem[]> {
  return [
    ...(await checkRanges(api, about)),
    ...(await checkRegistry(api, about.platform)),
    ...(await checkDomains(api, about.platform)),
  ];
}

/**
 * Problems with ranges that overlap others of the account. A VPC with the cluster's own name does not count: it belongs
 * to this stack, and an interrupted update made it.
 */
async function checkRanges(api: DigitalOceanApi, { name, cluster, clusters }: About): Promise<Problem[]> {
  const vpcs = await api.list<Vpc>("/v2/vpcs", "vpcs");
  const native = clusters.filter((one) => one.cluster_subnet !== overlayRanges.pods);
  const taken = [
    ...vpcs.filter((one) => one.name !== name).map((one) => ({ whose: `VPC ${one.name}`, range: one.ip_range })),
    ...native.flatMap((one) => [
      { whose: `pods of cluster ${one.name}`, range: one.cluster_subnet },
      { whose: `Services of cluster ${one.name}`, range: one.service_subnet },
    ]),
  ].map(({ whose, range }) => ({ whose, block: parseBlock(range) }));
  return (["vpcRange", "clusterSubnet", "serviceSubnet"] as const).flatMap((field) => {
    const own = parseBlock(cluster[field]);
    const other = taken.find(({ block }) => overlap(own, block));
    if (other === undefined) return [];
    const all = taken.map(({ block }) => block.text).join(", ");
    return [
      {
        path: `${key}.cluster.${field}`,
        value: shown(own.text),
        problem: `overlaps the account's ${other.whose}, ${other.block.text}`,
        fix: `use a private range that is free; taken are ${all}`,
      },
    ];
  });
}

/** Problems with the registry in the settings. */
export async function checkRegistry(api: DigitalOceanApi, { registry }: PlatformSetting): Promise<Problem[]> {
  if (registry.kind === "none") return [];
  const names = (await api.list<Named>("/v2/registries", "registries")).map(({ name }) => name);
  if (names.includes(registry.name)) return [];
  const at = (field: string, value: string, problem: string, fix: string): Problem[] => [
    { path: `${key}.registry.${field}`, value: shown(value), problem, fix },
  ];
  if (registry.kind === "existing") {
    const fix = `use ${names.length === 0 ? "kind: create" : `one of ${names.join(", ")}`}`;
    return at("name", registry.name, "is no registry of the account", fix);
  }
  if (names.length === 0 || registry.tier === "professional") return [];
  const problem = `has one registry, and the account has ${names.join(", ")}`;
  return at("tier", registry.tier, problem, "use professional, or kind: existing with that registry");
}

/** Problems with domains that the settings take as given. */
export async function checkDomains(api: DigitalOceanApi, { domains }: PlatformSetting): Promise<Problem[]> {
  const given = Object.keys(domains).filter((domain) => domains[domain] === "existing");
  if (given.length === 0) return [];
  const names = (await api.list<Named>("/v2/domains", "domains")).map(({ name }) => name);
  return given
    .filter((domain) => !names.includes(domain))
    .map((domain) => ({
      path: `${key}.domains.${domain}`,
      value: shown("existing"),
      problem: "is no domain of the account, so that no record could be written",
      fix: "use create in one stack of the account, or external where its records are kept elsewhere",
    }));
}
