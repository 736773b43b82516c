/**
 * What DigitalOcean refuses of domains and their records. Sources: API reference, "Domain Records"; the API's own words from
 * external-dns#4802 (CNAME beside others) and external-dns#624 (the dot at the end).
 */
import { isIPv4, isIPv6 } from "node:net";
import type { DnsRecord } from "../resources.ts";
import { unprocessable, type Refusal } from "../answers.ts";

type Asked = Omit<DnsRecord, "id">;
const label = "[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?";
const hostName = new RegExp(`^${label}(\\.${label})*$`);
const recordName = new RegExp(`^(@|\\*|(\\*\\.)?${label}(\\.${label})*)$`);
/** Every zone has them at its apex, whether or not they are shown. */
const zonesOwn = { name: "@", type: "NS" };

/** Why a zone is not made. Zones are one each in all of DigitalOcean. */
export function domainRefusal(name: string, domains: ReadonlyMap<string, unknown>): Refusal | undefined {
  if (!name.includes(".") || name.length > 253 || !hostName.test(name))
    return unprocessable(`domain '${name}': name is not a valid domain`);
  return domains.has(name) ? unprocessable(`domain '${name}': name already exists`) : undefined;
}

/** Why a record is not written. @param others of the zone, without the one that changes */
export function recordRefusal(asked: Asked, others: readonly Pick<DnsRecord, "name" | "type">[]): Refusal | undefined {
  if (!recordName.test(asked.name)) return unprocessable(`record name ${asked.name} is not valid`);
  return valueRefusal(asked) ?? fieldRefusal(asked) ?? companyRefusal(asked, [...others, zonesOwn]);
}

function valueRefusal({ type, data }: Asked): Refusal | undefined {
  if (type === "A") return isIPv4(data) ? undefined : unprocessable("IP address did not match IPv4 format");
  if (type === "AAAA") return isIPv6(data) ? undefined : unprocessable("IP address did not match IPv6 format");
  if (!["CNAME", "MX", "NS", "SRV", "CAA"].includes(type) || data === "@") return undefined;
  if (!data.endsWith(".")) return unprocessable("Data needs to end with a dot (.)");
  const host = data.slice(0, -1);
  return hostName.test(host) && !isIPv4(host) ? undefined : unprocessable(`${data} is not a host name`);
}

/** API reference, table of the attributes that a type needs. */
function fieldRefusal(asked: Asked): Refusal | undefined {
  const needed: Readonly<Record<string, readonly (keyof Asked)[]>> = {
    MX: ["priority"],
    SRV: ["priority", "port", "weight"],
    CAA: ["flags", "tag"],
  };
  const missing = needed[asked.type]?.find((field) => asked[field] === null);
  if (missing !== undefined) return unprocessable(`${missing} is required for ${asked.type} records`);
  if (asked.tag !== null && !["issue", "issuewild", "iodef"].includes(asked.tag))
    return unprocessable("tag must be one of issue, issuewild, iodef");
  const outside = (value: number | null, most: number) => value !== null && (value < 0 || value > most);
  if (outside(asked.flags, 255)) return unprocessable("flags must be between 0 and 255");
  if ([asked.priority, asked.port, asked.weight].some((value) => outside(value, 65_535)))
    return unprocessable("priority, port and weight must be between 0 and 65535");
  return undefined;
}

function companyRefusal(asked: Asked, others: readonly Pick<DnsRecord, "name" | "type">[]): Refusal | undefined {
  const beside = others.filter(({ name }) => name === asked.name);
  const alone = asked.type === "CNAME" ? beside.length > 0 : beside.some(({ type }) => type === "CNAME");
  return alone ? unprocessable("CNAME records cannot share a name with other records") : undefined;
}
