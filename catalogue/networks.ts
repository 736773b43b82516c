/**
 * Private networks at DigitalOcean. The ranges of VPCs, pods and Services must be private (RFC 1918), and no two in an
 * account may overlap. Each node takes a `/25` of the pods' range, each Service one address.
 *
 * Sources: "VPC Limit" (edited 2025-09-11) for reserved ranges; API reference, "Create a New VPC", for sizes of VPCs;
 * "How to Create Kubernetes Clusters" (VPC-native networking) for pods and Services.
 */
import { overlap, parseBlock, within, type Block } from "./addresses.ts";

const reservedEverywhere = ["10.244.0.0/16", "10.245.0.0/16", "10.246.0.0/24", "10.229.0.0/16"];
const reservedByRegion: Readonly<Record<string, string>> = {
  ...{ ams2: "10.14.0.0/16", ams3: "10.18.0.0/16", atl1: "10.50.0.0/16", blr1: "10.47.0.0/16", fra1: "10.19.0.0/16" },
  ...{ lon1: "10.16.0.0/16", nyc1: "10.10.0.0/16", nyc2: "10.13.0.0/16", nyc3: "10.17.0.0/16", sfo1: "10.12.0.0/16" },
  ...{ sfo2: "10.46.0.0/16", sfo3: "10.48.0.0/16", sgp1: "10.15.0.0/16", syd1: "10.49.0.0/16", tor1: "10.29.0.0/16" },
};

/** Private addresses. Source: RFC 1918. */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
const privateBlocks = privateRanges.map(parseBlock);
/** Shared addresses of carrier-grade NAT. Source: RFC 6598. */
const sharedRange = "100.64.0.0/10";
/** Link-local addresses. A Droplet gets its metadata, with credentials in it, from one of them. */
export const metadataRange = "169.254.0.0/16";

/** Addresses that are not on the internet, in ascending order: private, shared and link-local ones. */
export const notInternet: readonly string[] = [
  "10.0.0.0/8",
  sharedRange,
  metadataRange,
  "172.16.0.0/12",
  "192.168.0.0/16",
];

/** Addresses that an organization may use for its own network: private and shared ones, without link-local ones. */
export const ownRanges: readonly string[] = [...privateRanges, sharedRange];

/**
 * Ranges of a cluster that was created without ranges. They are an overlay network, not routed outside it, so clusters
 * may share them.
 */
export const overlayRanges = { pods: "10.244.0.0/16", services: "10.245.0.0/16" } as const;

/** Whether all addresses of a block are private. */
export function isPrivate(block: Block): boolean {
  return privateBlocks.some((one) => within(block, one));
}

/** The range that DigitalOcean reserves in a region and that a block overlaps; undefined if there is none. */
export function reservedRange(block: Block, region: string): string | undefined {
  const own = reservedByRegion[region];
  return [...reservedEverywhere, ...(own === undefined ? [] : [own])].find((range) =>
    overlap(block, parseBlock(range)),
  );
}

/** Prefix lengths of the largest and the smallest VPC. */
export const vpcPrefix = { largest: 16, smallest: 28 } as const;

/** Prefix length of the block that each node takes of the pods' range. */
const nodePrefix = 25;

/** Number of nodes for whose pods a range of this prefix length has addresses. */
export function nodesIn(prefix: number): number {
  return 2 ** Math.max(0, nodePrefix - prefix);
}

/**
 * Prefix lengths of the smallest ranges that DigitalOcean advises. There are 32 nodes in such a range of pods, 1,024
 * Services in the other.
 */
export const advisedPrefix = { pods: 20, services: 22 } as const;

/** DigitalOcean's name servers, to which a domain is delegated. Source: DigitalOcean, "Point to DigitalOcean Name Servers". */
export const nameServers: readonly string[] = ["ns1.digitalocean.com", "ns2.digitalocean.com", "ns3.digitalocean.com"];
