import * as digitalocean from "@pulumi/digitalocean";
import type * as pulumi from "@pulumi/pulumi";

/** The zones whose records a stack writes. */
export interface Dns {
  readonly domains: readonly string[];
  /** Zones that the stack makes itself, for records to wait for. */
  readonly ready: readonly pulumi.Resource[];
}

/** A records of the hosts that lie in one of the stack's zones; the others are somebody else's to point here. */
export function addressRecords(
  name: string,
  args: { dns: Dns; hosts: readonly string[]; address: pulumi.Input<string> },
  parent: pulumi.Resource,
): void {
  for (const host of args.hosts) {
    const record = zoneRecord(host, args.dns.domains);
    if (record === undefined) continue;
    new digitalocean.DnsRecord(
      `${name}-${host.replaceAll(".", "-")}`,
      { domain: record.zone, type: "A", name: record.name, value: args.address, ttl: 300 },
      { parent, dependsOn: [...args.dns.ready] },
    );
  }
}

/** The record of a host in the most specific of the zones: `{ zone: "example.com", name: "app" }`; `@` for the zone itself. */
export function zoneRecord(host: string, zones: readonly string[]): { zone: string; name: string } | undefined {
  const zone = zones
    .filter((candidate) => host === candidate || host.endsWith(`.${candidate}`))
    .toSorted((a, b) => b.length - a.length)[0];
  if (zone === undefined) return undefined;
  return { zone, name: host === zone ? "@" : host.slice(0, -zone.length - 1) };
}
