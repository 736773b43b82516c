/**
 * Private networks at DigitalOcean. Sources: "VPC Limit" (edited 2025-09-11) for what is reserved; API reference, "Create a New
 * VPC", for the sizes; "How to Create Kubernetes Clusters" (VPC-native networking) for pods and Services: RFC 1918, no two
 * overlapping in an account, a `/25` for each node, one address for each Service.
 */
import { overlap, parseBlock, within, type Block } from "./addresses.ts";

const everywhere = ["10.244.0.0/16", "10.245.0.0/16", "10.246.0.0/24", "10.229.0.0/16"];
const byRegion: Readonly<Record<string, string>> = {
  ...{ ams2: "10.14.0.0/16", ams3: "10.18.0.0/16", atl1: "10.50.0.0/16", blr1: "10.47.0.0/16", fra1: "10.19.0.0/16" },
  ...{ lon1: "10.16.0.0/16", nyc1: "10.10.0.0/16", nyc2: "10.13.0.0/16", nyc3: "10.17.0.0/16", sfo1: "10.12.0.0/16" },
  ...{ sfo2: "10.46.0.0/16", sfo3: "10.48.0.0/16", sgp1: "10.15.0.0/16", syd1: "10.49.0.0/16", tor1: "10.29.0.0/16" },
};

/** RFC 1918. */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
const privateBlocks = privateRanges.map(parseBlock);
/** Addresses that carriers share. Source: RFC 6598. */
const sharedRange = "100.64.0.0/10";
/** Link-local addresses, where a Droplet finds its metadata and credentials. */
export const metadataRange = "169.254.0.0/16";

/** What is not on the internet: private, shared and link-local addresses, in order. */
export const notInternet: readonly string[] = [
  "10.0.0.0/8",
  sharedRange,
  metadataRange,
  "172.16.0.0/12",
  "192.168.0.0/16",
];

/** What is not on the internet and somebody's own: private addresses, and those that carriers share. */
export const ownRanges: readonly string[] = [...privateRanges, sharedRange];

/** What a cluster has where nobody gave ranges: a network of its own behind its nodes, which meets no other. */
export const overlayRanges = { pods: "10.244.0.0/16", services: "10.245.0.0/16" } as const;

/** Whether a block lies in one of the private ranges. */
export function isPrivate(block: Block): boolean {
  return privateBlocks.some((one) => within(block, one));
}

/** The range of DigitalOcean's own that a block touches in a region. */
export function reservedRange(block: Block, region: string): string | undefined {
  const own = byRegion[region];
  return [...everywhere, ...(own === undefined ? [] : [own])].find((range) => overlap(block, parseBlock(range)));
}

/** Prefix lengths of a VPC: a `/16` at most, a `/28` at least. */
export const vpcPrefix = { largest: 16, smallest: 28 } as const;

/** Prefix length of what each node gets of the pods' range. */
const nodePrefix = 25;

/** Nodes whose pods have addresses in a range of this prefix length. */
export function nodesIn(prefix: number): number {
  return 2 ** Math.max(0, nodePrefix - prefix);
}

/** Smallest ranges that DigitalOcean advises: for pods 64 nodes, for Services 1,024. */
export const advisedPrefix = { pods: 20, services: 22 } as const;
