/** Addresses: blocks of IPv4 in CIDR notation, whether two of them overlap, and the port of a URL. */
import ipaddr from "ipaddr.js";

/** A block of IPv4 addresses. */
export interface Block {
  /** The text that the block was parsed from: `10.20.3.7/20`. */
  readonly text: string;
  /** Prefix length: 20. */
  readonly prefix: number;
  /** First address of the block as a 32-bit number. */
  readonly first: number;
  /** Last address of the block as a 32-bit number. */
  readonly last: number;
  /** The block written with its first address: `10.20.0.0/20` for `10.20.3.7/20`. */
  readonly aligned: string;
}

/**
 * Parses a block in CIDR notation, `10.20.0.0/20`.
 *
 * @throws {Error} if it is not CIDR notation of IPv4
 */
export function parseBlock(text: string): Block {
  const [, prefix] = ipaddr.IPv4.parseCIDR(text);
  const network = ipaddr.IPv4.networkAddressFromCIDR(text);
  return {
    text,
    prefix,
    first: numberOf(network),
    last: numberOf(ipaddr.IPv4.broadcastAddressFromCIDR(text)),
    aligned: `${network.toString()}/${prefix}`,
  };
}

function numberOf(address: ipaddr.IPv4): number {
  return address.octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

/** Whether two blocks have an address in common. */
export function overlap(one: Block, other: Block): boolean {
  return one.first <= other.last && other.first <= one.last;
}

/** Whether all addresses of one block are in another. */
export function within(inner: Block, outer: Block): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}

/** Port that a URL means: its own, or the usual one of `http` and of everything else, which is `https`. */
export function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return Number(port) || (protocol === "http:" ? 80 : 443);
}
