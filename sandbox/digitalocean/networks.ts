/** VPCs, domains and their records. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { timestamp, type DnsRecord } from "./account.ts";
import { created, done, fields, found, notFound, ok, page, Refusal, unprocessable, type Routes } from "./router.ts";

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
    const { name, region, ip_range, description } = fields(
      {
        name: z.string().min(1),
        region: z.string().min(1),
        ip_range: z.string().optional(),
        description: z.string().optional(),
      },
      body,
    );
    if ([...account.vpcs.values()].some((one) => one.name === name)) throw unprocessable("name is already in use");
    const id = randomUUID();
    const vpc = {
      ...{
        id,
        urn: `do:vpc:${id}`,
        name,
        region,
        ip_range: ip_range ?? "10.100.0.0/20",
        description: description ?? "",
      },
      ...{ created_at: timestamp(), default: false },
    };
    account.vpcs.set(id, vpc);
    return created({ vpc });
  },
  "GET /v2/vpcs/:id": ({ params }, account) => ok({ vpc: found(account.vpcs, params["id"]) }),
  "PUT /v2/vpcs/:id": ({ params, body }, account) => {
    const vpc = found(account.vpcs, params["id"]);
    Object.assign(
      vpc,
      fields({ name: z.string(), description: z.string().optional(), default: z.boolean().optional() }, body),
    );
    return ok({ vpc });
  },
  "DELETE /v2/vpcs/:id": ({ params }, account) => {
    const { id } = found(account.vpcs, params["id"]);
    const members = [
      ...[...account.clusters.values()].filter(({ vpc_uuid: vpc }) => vpc === id),
      ...[...account.databases.values()].filter(({ private_network_uuid: vpc }) => vpc === id),
    ];
    if (members.length > 0) throw new Refusal(403, "forbidden", "Can not delete VPC with members");
    account.vpcs.delete(id);
    return done;
  },

  "GET /v2/domains": ({ query }, account) =>
    page(
      "domains",
      [...account.domains].map(([name, { ttl }]) => ({ name, ttl, zone_file: "" })),
      query,
    ),
  "POST /v2/domains": ({ body }, account) => {
    const { name } = fields({ name: z.string().min(4) }, body);
    if (account.domains.has(name)) throw unprocessable(`domain '${name}': name already exists`);
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
  "POST /v2/domains/:domain/records": ({ params, body }, account) => {
    const { records } = found(account.domains, params["domain"]);
    const made: DnsRecord = { id: account.nextRecord(), ...chosen(fields(record, body)) };
    records.set(made.id, made);
    return created({ domain_record: made });
  },
  "GET /v2/domains/:domain/records/:id": ({ params }, account) =>
    ok({ domain_record: recordOf(found(account.domains, params["domain"]), params["id"]) }),
  "PUT /v2/domains/:domain/records/:id": ({ params, body }, account) => {
    const one = recordOf(found(account.domains, params["domain"]), params["id"]);
    Object.assign(one, chosen(fields(record, body)));
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

/** Only the fields of a record, of whatever else was sent. */
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
