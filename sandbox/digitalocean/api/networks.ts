/** Routes for VPCs, domains and DNS records. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { timestamp } from "../account.ts";
import type { DnsRecord } from "../resources.ts";
import type { Routes } from "../router.ts";
import { created, done, fields, found, notFound, ok, page, refuse } from "../answers.ts";
import { domainRefusal, recordRefusal } from "../rules/dns.ts";
import { freeRange, vpcChangeRefusal, vpcRefusal, vpcRemovalRefusal } from "../rules/networks.ts";

const optionalNumber = z
  .number()
  .nullish()
  .transform((value) => value ?? null);
const record = {
  type: z.enum(["A", "AAAA", "CAA", "CNAME", "MX", "NS", "SRV", "TXT"]),
  name: z.string().min(1),
  data: z.string().min(1),
  ttl: z.number().min(30).default(1800),
  priority: optionalNumber,
  port: optionalNumber,
  weight: optionalNumber,
  flags: optionalNumber,
  tag: z
    .string()
    .nullish()
    .transform((value) => value ?? null),
};

export const networks: Routes = {
  "GET /v2/vpcs": ({ query }, account) => page("vpcs", account.vpcs.values(), query),
  "POST /v2/vpcs": ({ body }, account) => {
    const asked = fields(
      { name: z.string(), region: z.string(), ip_range: z.string().optional(), description: z.string().optional() },
      body,
    );
    refuse(vpcRefusal(asked, account));
    const id = randomUUID();
    const vpc = {
      ...{ id, urn: `do:vpc:${id}`, name: asked.name, region: asked.region, description: asked.description ?? "" },
      ...{ ip_range: asked.ip_range ?? freeRange(asked.region, account), created_at: timestamp(), default: false },
    };
    account.vpcs.set(id, vpc);
    return created({ vpc });
  },
  "GET /v2/vpcs/:id": ({ params }, account) => ok({ vpc: found(account.vpcs, params["id"]) }),
  "PUT /v2/vpcs/:id": ({ params, body }, account) => {
    const vpc = found(account.vpcs, params["id"]);
    const asked = fields({ name: z.string(), description: z.string().optional() }, body);
    refuse(vpcChangeRefusal(asked, vpc, account));
    Object.assign(vpc, { name: asked.name, description: asked.description ?? vpc.description });
    return ok({ vpc });
  },
  "DELETE /v2/vpcs/:id": ({ params }, account) => {
    const vpc = found(account.vpcs, params["id"]);
    refuse(vpcRemovalRefusal(vpc, account));
    account.vpcs.delete(vpc.id);
    return done;
  },

  "GET /v2/domains": ({ query }, account) =>
    page(
      "domains",
      [...account.domains].map(([name, { ttl }]) => ({ name, ttl, zone_file: "" })),
      query,
    ),
  "POST /v2/domains": ({ body }, account) => {
    const { name } = fields({ name: z.string() }, body);
    refuse(domainRefusal(name, account.domains));
    account.domains.set(name, { ttl: 1800, records: new Map() });
    return created({ domain: { name, ttl: 1800, zone_file: "" } });
  },
  "GET /v2/domains/:domain": ({ params }, account) => {
    const { ttl } = found(account.domains, params["domain"]);
    return ok({ domain: { name: params["domain"], ttl, zone_file: "" } });
  },
  "DELETE /v2/domains/:domain": ({ params }, account) => {
    found(account.domains, params["domain"]);
    account.domains.delete(params["domain"] ?? "");
    return done;
  },
  "GET /v2/domains/:domain/records": ({ params, query }, account) =>
    page("domain_records", found(account.domains, params["domain"]).records.values(), query),
  "POST /v2/domains/:domain/records": ({ params, body }, account) => {
    const { records } = found(account.domains, params["domain"]);
    const asked = chosen(fields(record, body));
    refuse(recordRefusal(asked, [...records.values()]));
    const made: DnsRecord = { id: account.nextRecord(), ...asked };
    records.set(made.id, made);
    return created({ domain_record: made });
  },
  "GET /v2/domains/:domain/records/:id": ({ params }, account) =>
    ok({ domain_record: recordOf(found(account.domains, params["domain"]), params["id"]) }),
  "PUT /v2/domains/:domain/records/:id": ({ params, body }, account) => {
    const { records } = found(account.domains, params["domain"]);
    const one = recordOf({ records }, params["id"]);
    // The provider names no type when it changes a record, and the API keeps what is not named.
    const asked = chosen(fields(record, { ...one, ...(body as object) }));
    const others = [...records.values()].filter((other) => other !== one);
    refuse(recordRefusal(asked, others));
    Object.assign(one, asked);
    return ok({ domain_record: one });
  },
  "DELETE /v2/domains/:domain/records/:id": ({ params }, account) => {
    const domain = found(account.domains, params["domain"]);
    domain.records.delete(recordOf(domain, params["id"]).id);
    return done;
  },
};

function recordOf(domain: { records: Map<number, DnsRecord> }, id: string | undefined): DnsRecord {
  const one = domain.records.get(Number(id));
  if (one === undefined) throw notFound();
  return one;
}

/** The fields of a record, without others in the request. */
function chosen({
  type,
  name,
  data,
  ttl,
  priority,
  port,
  weight,
  flags,
  tag,
}: Omit<DnsRecord, "id">): Omit<DnsRecord, "id"> {
  return { type, name, data, ttl, priority, port, weight, flags, tag };
}
