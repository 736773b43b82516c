/** Rules about addresses: the ranges of a cluster's VPC, pods and Services, and private servers. Sources: `catalogue/networks.ts`. */
import { overlap, parseBlock, within } from "../../catalogue/addresses.ts";
import { nodesPerCluster } from "../../catalogue/doks.ts";
import { advisedPrefix, isPrivate, nodesIn, reservedRange, vpcPrefix } from "../../catalogue/networks.ts";
import { madePools } from "../platform/cluster.ts";
import type { Problem } from "../reading/error.ts";
import type { NamespaceSetting } from "../slices/fields.ts";
import type { Where } from "../slices/data-shapes/service-fields.ts";
import { forEachSystem, wrong, type Rule } from "./rule.ts";

const fields = ["vpcRange", "clusterSubnet", "serviceSubnet"] as const;

const ranges: Rule = ({ key, platform: { catalogue, cluster, pools, region } }) => {
  if (cluster.source !== "create") return [];
  const blocks = fields.map((field) => ({ path: `${key}.cluster.${field}`, field, block: parseBlock(cluster[field]) }));
  const [vpc, pods, services] = blocks;
  if (vpc === undefined || pods === undefined || services === undefined) return [];
  const most = Object.values(madePools(pools)).reduce((sum, { max }) => sum + max, cluster.systemPool.count);
  return [
    ...blocks.flatMap(({ path, field, block }, i): Problem[] => {
      const others = blocks.slice(0, i).filter((other) => overlap(block, other.block));
      const found: Problem[] = others.map((other) =>
        wrong(path, block.text, `overlaps ${other.field}, ${other.block.text}`, "use a range of its own", other.path),
      );
      if (block.text !== block.aligned)
        found.push(wrong(path, block.text, "begins in the middle of a range of that size", `write ${block.aligned}`));
      if (!isPrivate(block)) {
        const fix = "use a range of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16";
        found.push(wrong(path, block.text, "is not a private range (RFC 1918)", fix));
      }
      const reserved = reservedRange(block, region);
      // Clusters from before VPC-native networking have such ranges for pods and Services, and keep them.
      const kept = catalogue === "lenient" && field !== "vpcRange";
      if (reserved !== undefined && !kept) {
        const problem = `touches ${reserved}, which DigitalOcean keeps for itself in ${region}`;
        const old = field === "vpcRange" ? "" : "; for a cluster that has it already, set catalogue: lenient";
        const fix = `use another private range, such as 10.100.0.0/16${old}`;
        found.push(wrong(path, block.text, problem, fix, `${key}.region`));
      }
      return found;
    }),
    ...(vpc.block.prefix < vpcPrefix.largest || vpc.block.prefix > vpcPrefix.smallest
      ? [wrong(vpc.path, vpc.block.text, "is no size for a VPC", `use /${vpcPrefix.largest} to /${vpcPrefix.smallest}`)]
      : []),
    ...(most > 2 ** (32 - vpc.block.prefix) - 8
      ? [
          wrong(
            vpc.path,
            vpc.block.text,
            `has no addresses for ${most} nodes, the pools' maximum, and what DigitalOcean keeps of it`,
            "use a larger range, such as /20, or lower the pools' max",
            `${key}.pools`,
          ),
        ]
      : []),
    ...(most > nodesIn(pods.block.prefix)
      ? [
          wrong(
            pods.path,
            pods.block.text,
            `has room for ${nodesIn(pods.block.prefix)} nodes, a /25 each, and the pools may have ${most}`,
            "use a larger range, such as /16 for 512 nodes (it cannot grow later), or lower the pools' max",
            `${key}.pools`,
          ),
        ]
      : []),
    ...(services.block.prefix > advisedPrefix.services + 2
      ? [wrong(services.path, services.block.text, "is small for Services", "use /19 to /24; it cannot grow later")]
      : []),
    ...(most > nodesPerCluster
      ? [
          wrong(
            `${key}.pools`,
            most,
            `are more nodes at most than a cluster can have, ${nodesPerCluster}`,
            "lower the pools' max",
          ),
        ]
      : []),
  ];
};

/** NetworkPolicies let workloads connect only to where the settings say that a server is, so its name must lead there. */
const existingServers = forEachSystem((key, { services, namespace }) =>
  Object.entries(services).flatMap(([path, service]): Problem[] => {
    if (service.kind !== "existing") return [];
    const at = `${key}.${path}`;
    const hosts =
      "host" in service ? [service.host] : service.bootstrapServers.map((server) => server.replace(/:\d+$/, ""));
    const field = "host" in service ? `${at}.host` : `${at}.bootstrapServers`;
    return [
      ...hosts.flatMap((host) => leadsElsewhere(field, host, service.where, at, namespace.name)),
      ...cutOffServer(at, service.where, namespace),
    ];
  }),
);

function leadsElsewhere(field: string, host: string, where: Where, at: string, own: string): Problem[] {
  const [, namespace] = /^[^.]+(?:\.[^.]+)*?\.([^.]+)\.svc(?:\.cluster\.local)?$/.exec(host) ?? [];
  const path = `${at}.where`;
  if (namespace !== undefined) {
    const { namespace: said = own } = where.kind === "pods" ? where : {};
    if (where.kind === "pods" && said === namespace) return [];
    const problem =
      where.kind === "pods"
        ? `is a Service of namespace ${namespace}, and only pods of ${said} are admitted`
        : `is a Service of the cluster, and only ${where.kind === "internet" ? "the internet" : "private addresses"} is admitted`;
    const fix =
      `set ${path} to {kind: pods, namespace: ${namespace}, labels: {…}} with the labels of its pods; for a Service that ` +
      "stands for a name elsewhere (ExternalName), use that name";
    return [wrong(field, host, problem, fix, path)];
  }
  if (!/^[\d.]+$/.test(host)) return [];
  const address = parseBlock(`${host}/32`);
  if (where.kind === "private") {
    if (where.addresses.some((block) => within(address, parseBlock(block)))) return [];
    const fix = "make where.addresses hold it; connections elsewhere are not admitted";
    return [wrong(field, host, `is not in where.addresses, ${where.addresses.join(", ")}`, fix, path)];
  }
  if (where.kind === "pods" || !isPrivate(address)) return [];
  const network = address.aligned.replace(/\d+\/32$/, "0/24");
  const fix = `set ${path} to its network, such as {kind: private, addresses: [${network}]}`;
  return [wrong(field, host, "is a private address, and only the internet is admitted", fix, path)];
}

/** In a namespace that this program makes, everything undeclared is denied, also to pods that others put there. */
function cutOffServer(at: string, where: Where, own: NamespaceSetting): Problem[] {
  if (where.kind !== "pods" || !own.create || (where.namespace ?? own.name) !== own.name) return [];
  const problem = `is in ${own.name}, which this stack makes and where it denies everything to pods of others`;
  const fix = "name the namespace that its pods are in, or adopt this one (namespace.create: false)";
  return [wrong(`${at}.where.namespace`, where.namespace, problem, fix)];
}

export const networkRules: readonly Rule[] = [ranges, existingServers];
