/**
 * Requests on domains and DNS records that DigitalOcean refuses. Sources: API reference, "Domain Records"; wording of
 * the errors from external-dns#4802 (CNAME beside other records) and external-dns#624 (final dot).
 */
import { isIPv4, isIPv6 } from "node:net";
import type { DnsRecord } from "../resources.ts";
import { unprocessable, type Refusal } from "../answers.ts";

type Asked = Omit<DnsRecord, "id">;
const label = "[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?";
const hostName = new RegExp(`^${label}(\\.${label})*$`);
const recordName = new RegExp(`^(@|\\*|(\\*\\.)?${label}(\\.${label})*)$`);
/** The NS records of the zone itself, which every zone has even if the API does not return them. */
const apexNs = { name: "@", type: "NS" };

/** Why a zone cannot be made; undefined if it can. A zone exists only once in all accounts of DigitalOcean. */
export function domainRefusal(name: string, domains: ReadonlyMap<string, unknown>): Refusal | undefined {
  if (!name.includes(".") || name.length > 253 || !hostName.test(name))
    return unprocessable(`domain '${name}': name is not a valid domain`);
  return domains.has(name) ? unprocessable(`domain '${name}': name already exists`) : undefined;
}

/**
 * Why a record cannot be made or changed; undefined if it can.
 *
 * @param others the other records of the zone
 */
export function recordRefusal(asked: Asked, others: readonly Pick<DnsRecord, "name" | "type">[]): Refusal | undefined {
  if (!recordName.test(asked.name)) return unprocessable(`record name ${asked.name} is not valid`);
  return valueRefusal(asked) ?? fieldRefusal(asked) ?? sharedNameRefusal(asked, [...others, apexNs]);
}

function valueRefusal({ type, data }: Asked): Refusal | undefined {
  if (type === "A") return isIPv4(data) ? undefined : unprocessable("IP address did not match IPv4 format");
  if (type === "AAAA") return isIPv6(data) ? undefined : unprocessable("IP address did not match IPv6 format");
  if (!["CNAME", "MX", "NS", "SRV", "CAA"].includes(type) || data === "@") return undefined;
  if (!data.endsWith(".")) return unprocessable("Data needs to end with a dot (.)");
  const host = data.slice(0, -1);
  return hostName.test(host) && !isIPv4(host) ? undefined : unprocessable(`${data} is not a host name`);
}

/** Refuses a record without the fields that its type needs. Source: API reference, table of attributes by type. */
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

function sharedNameRefusal(asked: Asked, others: readonly Pick<DnsRecord, "name" | "type">[]): Refusal | undefined {
  const sameName = others.filter(({ name }) => name === asked.name);
  const isShared = asked.type === "CNAME" ? sameName.length > 0 : sameName.some(({ type }) => type === "CNAME");
  return isShared ? unprocessable("CNAME records cannot share a name with other records") : undefined;
}
