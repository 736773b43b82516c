/** DNS records of hosts, which the stack writes. Pure. */
import { linkTo, type DnsEntry } from "./entry.ts";
import type { ClusterView } from "./cluster-view.ts";
import { hostOfRecord, ttlOfRecord } from "../../../graph/resource.ts";

/** The stack's records of addresses, by host. */
export function dnsRecords(view: ClusterView): ReadonlyMap<string, DnsEntry> {
  const records = view.of("DnsRecord").filter(({ inputs }) => /^(A|AAAA|CNAME)$/.test(String(inputs["type"])));
  return new Map(
    records.map((one) => [
      hostOfRecord(one),
      { ...linkTo(one), type: String(one.inputs["type"]), ttl: ttlOfRecord(one) },
    ]),
  );
}
