/** Addresses: blocks of IPv4 in CIDR notation, how two of them lie to each other, and the port that a URL means. */
import ipaddr from "ipaddr.js";

export interface Block {
  /** As it was written. */
  readonly text: string;
  readonly prefix: number;
  /** First and last address, as numbers. */
  readonly first: number;
  readonly last: number;
  /** The block with its own first address, such as `10.20.0.0/20` for `10.20.3.7/20`. */
  readonly aligned: string;
}

/**
 * A block from `10.20.0.0/20`.
 *
 * @throws {Error} when it is not CIDR notation of IPv4
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

/** Whether a block lies in another one, whole. */
export function within(inner: Block, outer: Block): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}

/** Port that a URL means: its own, or the usual one of `http` and of everything else, which is `https`. */
export function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return Number(port) || (protocol === "http:" ? 80 : 443);
}
