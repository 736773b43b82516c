/** Rules about addresses: the ranges of a cluster's VPC, pods and Services, and private servers. Sources: `catalogue/networks.ts`. */
import { overlap, parseBlock, within } from "../../catalogue/addresses.ts";
import { nodesPerCluster } from "../../catalogue/doks.ts";
import { advisedPrefix, isPrivate, nodesIn, reservedRange, vpcPrefix } from "../../catalogue/networks.ts";
import type { Problem } from "../reading/error.ts";
import { forEachSystem, wrong, type Rule } from "./rule.ts";

const fields = ["vpcRange", "clusterSubnet", "serviceSubnet"] as const;

const ranges: Rule = ({ key, platform: { catalogue, cluster, pools, region } }) => {
  if (cluster.source !== "create") return [];
  const blocks = fields.map((field) => ({ path: `${key}.cluster.${field}`, field, block: parseBlock(cluster[field]) }));
  const [vpc, pods, services] = blocks;
  if (vpc === undefined || pods === undefined || services === undefined) return [];
  const most = Object.values(pools).reduce((sum, { max }) => sum + max, cluster.systemPool.count);
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

/** NetworkPolicies let workloads connect only to the range of an existing server, so its address must lie in the range. */
const privateServers = forEachSystem((key, { services }) =>
  Object.entries(services).flatMap(([path, service]): Problem[] => {
    if (service.kind !== "existing") return [];
    const at = `${key}.${path}`;
    const hosts =
      "host" in service ? [service.host] : service.bootstrapServers.map((server) => server.replace(/:\d+$/, ""));
    const field = "host" in service ? `${at}.host` : `${at}.bootstrapServers`;
    return hosts.flatMap((host): Problem[] => {
      if (!/^[\d.]+$/.test(host)) return [];
      const address = parseBlock(`${host}/32`);
      if (service.privateRange !== undefined) {
        if (within(address, parseBlock(service.privateRange))) return [];
        const fix = "make privateRange hold it; connections elsewhere are not admitted";
        return [wrong(field, host, `is not in privateRange, ${service.privateRange}`, fix, `${at}.privateRange`)];
      }
      if (!isPrivate(address)) return [];
      const fix = `set ${at}.privateRange to its network, such as ${address.aligned.replace(/\d+\/32$/, "0/24")}`;
      return [wrong(field, host, "is a private address, and only the internet is admitted without privateRange", fix)];
    });
  }),
);

export const networkRules: readonly Rule[] = [ranges, privateServers];
