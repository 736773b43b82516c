/** Routes for VPC NAT gateways. Source: API reference, "VPC NAT Gateways". */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { regionsWith } from "../../../catalogue/regions.ts";
import { timestamp, type Account } from "../account.ts";
import { accepted, fields, found, ok, page, unprocessable } from "../answers.ts";
import type { NatGateway } from "../resources.ts";
import type { Routes } from "../router.ts";

const gateway = {
  name: z.string().min(1),
  type: z.literal("PUBLIC"),
  region: z.string(),
  size: z.int().min(1),
  vpcs: z.array(z.looseObject({ vpc_uuid: z.string() })).min(1),
};

export const natGateways: Routes = {
  "GET /v2/vpc_nat_gateways": ({ query }, account) => page("vpc_nat_gateways", account.natGateways.values(), query),
  "POST /v2/vpc_nat_gateways": ({ body }, account) => {
    const asked = fields(gateway, body);
    if (!regionsWith("nat").includes(asked.region)) throw unprocessable(`region ${asked.region} is not available`);
    const now = timestamp();
    const made: NatGateway = {
      ...{ id: randomUUID(), name: asked.name, type: asked.type, state: "ACTIVE", region: asked.region },
      ...{ size: asked.size, vpcs: asked.vpcs.map(({ vpc_uuid }) => inVpc(vpc_uuid, account)) },
      egresses: { public_gateways: [{ ipv4: `192.0.2.${100 + account.natGateways.size}` }] },
      ...{ udp_timeout_seconds: 30, icmp_timeout_seconds: 30, tcp_timeout_seconds: 30 },
      ...{ project_id: "", created_at: now, updated_at: now },
    };
    account.natGateways.set(made.id, made);
    return accepted({ vpc_nat_gateway: made });
  },
  "GET /v2/vpc_nat_gateways/:id": ({ params }, account) =>
    ok({ vpc_nat_gateway: found(account.natGateways, params["id"]) }),
  "PUT /v2/vpc_nat_gateways/:id": ({ params, body }, account) => {
    const one = found(account.natGateways, params["id"]);
    const { size } = fields({ size: z.int().min(1).optional() }, body);
    Object.assign(one, { size: size ?? one.size, updated_at: timestamp() });
    return ok({ vpc_nat_gateway: one });
  },
  "DELETE /v2/vpc_nat_gateways/:id": ({ params }, account) => {
    account.natGateways.delete(found(account.natGateways, params["id"]).id);
    return accepted();
  },
};

/** The gateway's place in a VPC: the second address of its range, as the first is the VPC's own. */
function inVpc(id: string, account: Account): NatGateway["vpcs"][number] {
  const { ip_range: range } = found(account.vpcs, id);
  return { vpc_uuid: id, gateway_ip: range.replace(/\d+\/\d+$/, "2") };
}
