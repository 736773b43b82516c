import { isIP } from "node:net";
import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import type { Dns } from "../site/site.ts";

/**
 * Records that point the hosts which lie in one of the stack's zones at a load balancer; the others are somebody else's to point
 * here.
 */
export function addressRecords(
  name: string,
  args: { dns: Dns; hosts: readonly string[]; address: pulumi.Input<string> },
  parent: pulumi.Resource,
): void {
  for (const host of args.hosts) {
    const place = zoneRecord(host, args.dns.domains);
    if (place === undefined) continue;
    const record = pulumi.output(args.address).apply((address) => addressRecord(host, place.name, address));
    new digitalocean.DnsRecord(
      `${name}-${host.replaceAll(".", "-")}`,
      { domain: place.zone, type: record.type, name: place.name, value: record.value, ttl: 300 },
      { parent, dependsOn: [...args.dns.ready] },
    );
  }
}

/**
 * The record that leads to a load balancer. One may report a hostname in place of an IP address
 * (digitalocean/digitalocean-cloud-controller-manager#698), and then it must be an alias, which DNS does not have for a zone itself.
 *
 * @param name of the record in its zone; `@` for the zone itself
 * @throws {pulumi.RunError} where no record can lead there
 */
export function addressRecord(
  host: string,
  name: string,
  address: string,
): { type: "A" | "AAAA" | "CNAME"; value: string } {
  const version = isIP(address);
  if (version !== 0) return { type: version === 4 ? "A" : "AAAA", value: address };
  if (address === "")
    throw new pulumi.RunError(`${host} can point nowhere: its load balancer has no address yet; run the update again`);
  if (name === "@")
    throw new pulumi.RunError(
      `${host} is a zone itself and cannot be an alias of the load balancer's hostname ${address}; ` +
        "use a host below it, or a load balancer without the annotation do-loadbalancer-hostname",
    );
  // Without the dot DigitalOcean takes it as a name in the zone.
  return { type: "CNAME", value: `${address.replace(/\.$/, "")}.` };
}

/** The record of a host in the most specific of the zones: `{ zone: "example.com", name: "app" }`; `@` for the zone itself. */
export function zoneRecord(host: string, zones: readonly string[]): { zone: string; name: string } | undefined {
  const zone = zones
    .filter((candidate) => host === candidate || host.endsWith(`.${candidate}`))
    .toSorted((a, b) => b.length - a.length)[0];
  if (zone === undefined) return undefined;
  return { zone, name: host === zone ? "@" : host.slice(0, -zone.length - 1) };
}
