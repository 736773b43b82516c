/** DNS records of hosts, which the stack writes. Pure. */
import { linkTo, type DnsEntry } from "./entry.ts";
import type { ClusterView } from "./cluster-view.ts";
import type { Resource } from "../../../graph/resource.ts";

/** The stack's records of addresses, by host. */
export function dnsRecords(view: ClusterView): ReadonlyMap<string, DnsEntry> {
  const records = view.of("DnsRecord").filter(({ inputs }) => /^(A|AAAA|CNAME)$/.test(String(inputs["type"])));
  return new Map(
    records.map((one) => [
      hostOf(one),
      // DigitalOcean's default is 1,800 seconds.
      { ...linkTo(one), type: String(one.inputs["type"]), ttl: Number(one.inputs["ttl"] ?? 1800) },
    ]),
  );
}

function hostOf({ inputs: { name, domain } }: Resource): string {
  return name === "@" ? String(domain) : `${String(name)}.${String(domain)}`;
}
