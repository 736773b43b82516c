import { isIP } from "node:net";
import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import type { Dns } from "../site/site.ts";

/**
 * Makes the DNS records that point hosts at a load balancer. A host outside the stack's zones gets none: its owner
 * makes it.
 */
export function addressRecords(
  name: string,
  args: {
    /** Zones in which the stack writes records. */
    dns: Dns;
    /** Full host names, `app.example.com`. */
    hosts: readonly string[];
    /** IPv4 or IPv6 address or host name of the load balancer. */
    address: pulumi.Input<string>;
  },
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
 * Type and value of the record that points a host at a load balancer. A load balancer may report a host name instead of
 * an IP address (digitalocean/digitalocean-cloud-controller-manager#698). The record must then be a CNAME, which DNS
 * does not allow for a zone itself.
 *
 * @param name of the record in its zone; `@` for the zone itself
 * @throws {pulumi.RunError} if the load balancer has no address yet, or a zone itself would need a CNAME
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
  // Without the final dot DigitalOcean would take it for a name inside the zone.
  return { type: "CNAME", value: `${address.replace(/\.$/, "")}.` };
}

/**
 * The zone that a host's record belongs to, the longest of those that fit, and the record's name in it:
 * `{ zone: "example.com", name: "app" }`, with `@` for the zone itself. Undefined if the host is in none of the zones.
 */
export function zoneRecord(host: string, zones: readonly string[]): { zone: string; name: string } | undefined {
  const zone = zones
    .filter((candidate) => host === candidate || host.endsWith(`.${candidate}`))
    .toSorted((a, b) => b.length - a.length)[0];
  if (zone === undefined) return undefined;
  return { zone, name: host === zone ? "@" : host.slice(0, -zone.length - 1) };
}
