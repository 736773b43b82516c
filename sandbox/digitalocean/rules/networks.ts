/**
 * Requests on VPCs that DigitalOcean refuses. Sources, unless a rule names another: API reference, "Create a New VPC"
 * (name, `ip_range`); documentation, "Plan your VPC network" (reserved ranges); "How to create Kubernetes clusters" with
 * VPC-native networking (no overlap with any VPC or VPC-native cluster of the team).
 */
import { overlap, parseBlock, type Block } from "../../../catalogue/addresses.ts";
import { isPrivate, overlayRanges, reservedRange, vpcPrefix } from "../../../catalogue/networks.ts";
import { regions } from "../../../catalogue/regions.ts";
import type { Holdings, Vpc } from "../resources.ts";
import { Refusal, unprocessable } from "../answers.ts";

export interface VpcRequest {
  readonly name: string;
  readonly region: string;
  readonly ip_range?: string | undefined;
  readonly description?: string | undefined;
}
type Networks = Pick<Holdings, "vpcs" | "clusters">;

/** Why a VPC cannot be made; undefined if it can. */
export function vpcRefusal(asked: VpcRequest, account: Networks): Refusal | undefined {
  const range = asked.ip_range === undefined ? undefined : blockOf(asked.ip_range);
  if (!regions.includes(asked.region)) return unprocessable(`region ${asked.region} is not available`);
  return (
    vpcChangeRefusal(asked, undefined, account) ??
    (range === undefined ? undefined : (sizeRefusal(range) ?? rangeRefusal(range, asked.region, account)))
  );
}

/**
 * Why a VPC cannot get a name or a description; undefined if it can.
 *
 * @param changed the VPC that gets them; undefined for a new one
 */
export function vpcChangeRefusal(
  asked: Pick<VpcRequest, "name" | "description">,
  changed: Vpc | undefined,
  account: Networks,
): Refusal | undefined {
  if (!/^[a-zA-Z0-9\-.]+$/.test(asked.name))
    return unprocessable("name may only contain alphanumeric characters, dashes, and periods");
  if ([...account.vpcs.values()].some((one) => one.name === asked.name && one !== changed))
    return unprocessable("a VPC with the same name already exists in your account");
  if ((asked.description ?? "").length > 255) return unprocessable("description may be at most 255 characters");
  return undefined;
}

/**
 * Why a VPC cannot be deleted; undefined if it can. API reference, "Delete a VPC": 403 for the default VPC of a region,
 * and for one with members.
 */
export function vpcRemovalRefusal(
  vpc: Vpc,
  { clusters, databases, natGateways }: Pick<Holdings, "clusters" | "databases" | "natGateways">,
): Refusal | undefined {
  if (vpc.default) return new Refusal(403, "forbidden", "Can not delete default VPC");
  const members = [
    ...[...clusters.values()].filter(({ vpc_uuid: id }) => id === vpc.id),
    ...[...databases.values()].filter(({ private_network_uuid: id }) => id === vpc.id),
    ...[...natGateways.values()].filter(({ vpcs }) => vpcs.some(({ vpc_uuid: id }) => id === vpc.id)),
  ];
  return members.length === 0 ? undefined : new Refusal(403, "forbidden", "Can not delete VPC with members");
}

/**
 * Why a range cannot be used in a region; undefined if it can. The errors begin with the API's own words, from
 * terraform-provider-digitalocean and mcp-digitalocean#260.
 */
export function rangeRefusal(range: Block, region: string, account: Networks): Refusal | undefined {
  if (range.aligned !== range.text)
    return unprocessable(`${range.text} is not a network: its first address is ${range.aligned}`);
  if (!isPrivate(range)) return unprocessable(`${range.text} is not in the private ranges of RFC 1918`);
  const reserved = reservedRange(range, region);
  if (reserved !== undefined)
    return unprocessable(`This range/size overlaps with a range reserved by DigitalOcean: ${reserved}.`);
  const other = networksOf(account).find((one) => overlap(range, one.range));
  if (other === undefined) return undefined;
  const where = `${other.name} ${other.range.text}`;
  return unprocessable(`This range/size overlaps with another VPC network in your account: ${where}.`);
}

/**
 * Parses a range in a request.
 *
 * @throws {Refusal} if it is not in CIDR notation
 */
export function blockOf(text: string): Block {
  try {
    return parseBlock(text);
  } catch {
    throw unprocessable(`${text} is not in CIDR notation`);
  }
}

/** A free range for a VPC whose request names none: a `/20`, the size that DigitalOcean chooses. */
export function freeRange(region: string, account: Networks): string {
  const taken = networksOf(account);
  for (let i = 0; i < 84 * 16; i += 1) {
    const range = parseBlock(`10.${116 + Math.floor(i / 16)}.${(i % 16) * 16}.0/20`);
    const free = reservedRange(range, region) === undefined && !taken.some((one) => overlap(range, one.range));
    if (free) return range.text;
  }
  throw unprocessable("no range is free");
}

function sizeRefusal({ prefix }: Block): Refusal | undefined {
  const { largest, smallest } = vpcPrefix;
  return prefix >= largest && prefix <= smallest
    ? undefined
    : unprocessable(`ip_range may not be smaller than /${smallest} nor larger than /${largest}`);
}

/** All ranges in an account: those of VPCs, and of pods and Services of VPC-native clusters. */
function networksOf({ vpcs, clusters }: Networks): { name: string; range: Block }[] {
  const native = [...clusters.values()].filter((one) => one.cluster_subnet !== overlayRanges.pods);
  return [
    ...[...vpcs.values()].map(({ name, ip_range: range }) => ({ name, range: parseBlock(range) })),
    ...native.flatMap(({ id, cluster_subnet: pods, service_subnet: services }) =>
      [pods, services].map((range) => ({ name: id, range: parseBlock(range) })),
    ),
  ];
}
