/** Routes for what belongs to the account as a whole: limits, registries, projects, Spaces keys. */
import { registryHost } from "../../../catalogue/image.ts";
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { secret, timestamp, type Account } from "../account.ts";
import type { Project } from "../resources.ts";
import type { Routes } from "../router.ts";
import { created, done, fields, found, ok, page, Refusal, refuse, type Call } from "../answers.ts";
import { dropletLimit } from "../rules/node-pools.ts";
import { assignmentRefusal, projectRefusal } from "../rules/projects.ts";
import { registryRefusal, tierRefusal } from "../rules/registry.ts";
import { keyRefusal } from "../rules/spaces.ts";

const tiers = {
  starter: { name: "Starter", price: 0, repositories: 1, bytes: 524_288_000 },
  basic: { name: "Basic", price: 500, repositories: 5, bytes: 5_368_709_120 },
  professional: { name: "Professional", price: 2000, repositories: 0, bytes: 107_374_182_400 },
} as const;

const project = {
  name: z.string(),
  description: z.string().optional(),
  purpose: z.string().optional(),
  environment: z.string().optional(),
  is_default: z.boolean().optional(),
};
const key = {
  name: z.string(),
  grants: z.array(z.looseObject({ bucket: z.string(), permission: z.enum(["", "read", "readwrite", "fullaccess"]) })),
};

export const accountWide: Routes = {
  "GET /v2/account": () =>
    ok({
      account: {
        ...{ droplet_limit: dropletLimit, floating_ip_limit: 5, volume_limit: 200, email: "sandbox@example.com" },
        ...{ name: "Sandbox", uuid: "00000000-0000-4000-8000-000000000000", email_verified: true },
        ...{ status: "active", status_message: "" },
      },
    }),
  // All Droplets of the account are nodes of clusters, so only their number is returned.
  "GET /v2/droplets": (_call, account) => {
    const nodes = [...account.clusters.values()].flatMap(({ node_pools: pools }) => pools.map(({ count }) => count));
    return ok({ droplets: [], links: {}, meta: { total: nodes.reduce((sum, count) => sum + count, 0) } });
  },

  "GET /v2/registries": ({ query }, account) => page("registries", account.registries.values(), query),
  "POST /v2/registries": createRegistry,
  "POST /v2/registry": createRegistry,
  "GET /v2/registries/subscription": (_call, account) => ok({ subscription: subscription(account) }),
  "POST /v2/registries/subscription": ({ body }, account) => {
    const { tier_slug } = fields({ tier_slug: z.string() }, body);
    refuse(tierRefusal(tier_slug, account.registries.size));
    account.tier = tier_slug;
    return ok({ subscription: subscription(account) });
  },
  "GET /v2/registries/:name": ({ params }, account) => ok({ registry: found(account.registries, params["name"]) }),
  "DELETE /v2/registries/:name": ({ params }, account) => {
    account.registries.delete(found(account.registries, params["name"]).name);
    return done;
  },
  "GET /v2/registries/:name/docker-credentials": ({ params }, account) => {
    found(account.registries, params["name"]);
    const auth = Buffer.from(`sandbox@example.com:${secret()}`).toString("base64");
    return ok({ auths: { [registryHost]: { auth } } });
  },

  "GET /v2/projects": ({ query }, account) => page("projects", account.projects.values(), query),
  "POST /v2/projects": ({ body }, account) => {
    const asked = fields(project, body);
    refuse(projectRefusal(asked, undefined, account));
    const { name, description, purpose, environment } = asked;
    const now = timestamp();
    const made = {
      ...{ id: randomUUID(), owner_uuid: randomUUID(), owner_id: 1, name, description: description ?? "" },
      ...{ purpose: purpose ?? "Other: ", environment: environment ?? "Development", is_default: false },
      ...{ created_at: now, updated_at: now },
    };
    account.projects.set(made.id, made);
    return created({ project: made });
  },
  "GET /v2/projects/default": (_call, account) => ok({ project: defaultProject(account) }),
  "GET /v2/projects/:id": (call, account) => ok({ project: found(account.projects, call.params["id"]) }),
  "PATCH /v2/projects/:id": (call, account) => {
    const one = found(account.projects, call.params["id"]);
    const asked = fields({ ...project, name: z.string().optional() }, call.body);
    refuse(projectRefusal(asked, one, account));
    const { name, description, purpose, environment } = asked;
    Object.assign(one, {
      ...(name !== undefined && { name }),
      ...(description !== undefined && { description }),
      ...(purpose !== undefined && { purpose }),
      ...(environment !== undefined && { environment }),
    });
    return ok({ project: one });
  },
  "DELETE /v2/projects/:id": (call, account) => {
    const one = found(account.projects, call.params["id"]);
    if (resourcesOf(one, account).length > 0)
      throw new Refusal(
        412,
        "precondition_failed",
        "cannot delete a project with resources. move or remove the resources first",
      );
    account.projects.delete(one.id);
    return done;
  },
  "GET /v2/projects/:id/resources": (call, account) =>
    page("resources", resourcesOf(found(account.projects, call.params["id"]), account), call.query),
  "POST /v2/projects/:id/resources": (call, account) => {
    const one = found(account.projects, call.params["id"]);
    const { resources } = fields({ resources: z.array(z.string()) }, call.body);
    refuse(assignmentRefusal(resources));
    // API reference: a resource that does not exist gets a status, it does not make the request fail.
    const there = (urn: string) => exists(urn, account);
    for (const urn of resources.filter(there)) account.projectOf.set(urn, one.id);
    return ok({
      resources: resources.map((urn) => assigned(urn, there(urn) ? "assigned" : "not_found")),
      links: {},
      meta: { total: resources.length },
    });
  },

  "GET /v2/spaces/keys": ({ query }, account) => page("keys", account.spacesKeys.values(), query),
  "POST /v2/spaces/keys": ({ body }, account) => {
    const { name, grants } = fields(key, body);
    refuse(keyRefusal({ name, grants }, account.spacesKeys.size, account));
    const made = {
      name,
      access_key: `DO00${secret().slice(0, 16).toUpperCase()}`,
      grants: plain(grants),
      created_at: timestamp(),
    };
    const secretKey = secret() + secret();
    account.spacesKeys.set(made.access_key, made);
    account.keep(made.access_key, secretKey);
    return created({ key: { ...made, secret_key: secretKey } });
  },
  "GET /v2/spaces/keys/:key": ({ params }, account) => ok({ key: found(account.spacesKeys, params["key"]) }),
  "PUT /v2/spaces/keys/:key": ({ params, body }, account) => {
    const one = found(account.spacesKeys, params["key"]);
    const { name, grants } = fields(key, body);
    refuse(keyRefusal({ name, grants }, account.spacesKeys.size - 1, account));
    Object.assign(one, { name, grants: plain(grants) });
    return ok({ key: one });
  },
  "DELETE /v2/spaces/keys/:key": ({ params }, account) => {
    const { access_key: accessKey } = found(account.spacesKeys, params["key"]);
    account.spacesKeys.delete(accessKey);
    account.keep(accessKey, undefined);
    return done;
  },
};

function createRegistry({ body }: Call, account: Account) {
  const asked = fields(
    { name: z.string(), subscription_tier_slug: z.string().optional(), region: z.string().optional() },
    body,
  );
  refuse(registryRefusal(asked, account));
  const { name, subscription_tier_slug, region } = asked;
  account.tier = subscription_tier_slug ?? account.tier;
  const now = timestamp();
  const registry = {
    name,
    region: region ?? "nyc3",
    created_at: now,
    storage_usage_bytes: 0,
    storage_usage_bytes_updated_at: now,
  };
  account.registries.set(name, registry);
  return created({ registry });
}

function subscription(account: Account): object {
  const now = timestamp();
  const { name, price, repositories, bytes } = tiers[account.tier as keyof typeof tiers];
  const tier = {
    ...{ name, slug: account.tier, included_repositories: repositories, included_storage_bytes: bytes },
    ...{ allow_storage_overage: true, included_bandwidth_bytes: bytes, monthly_price_in_cents: price },
    storage_overage_price_in_cents: 2,
  };
  return { tier, created_at: now, updated_at: now };
}

function defaultProject(account: Account): Project {
  const [one] = [...account.projects.values()].filter((each) => each.is_default);
  if (one === undefined) throw new Error("an account without a default project");
  return one;
}

/** Resources of a project that still exist. */
function resourcesOf(one: Project, account: Account): object[] {
  return [...account.projectOf]
    .filter(([urn, id]) => id === one.id && exists(urn, account))
    .map(([urn]) => assigned(urn, "ok"));
}

function exists(urn: string, account: Account): boolean {
  const [, kind = "", id = ""] = urn.split(":");
  const kept: Record<string, ReadonlyMap<string, unknown>> = {
    kubernetes: account.clusters,
    dbaas: account.databases,
    domain: account.domains,
    vpc: account.vpcs,
  };
  return kept[kind]?.has(id) ?? account.bucketExists(id);
}

function assigned(urn: string, status: string): object {
  return { urn, assigned_at: timestamp(), links: { self: `https://api.digitalocean.com/v2/${urn}` }, status };
}

function plain(grants: readonly { bucket: string; permission: string }[]) {
  return grants.map(({ bucket, permission }) => ({ bucket, permission }));
}
