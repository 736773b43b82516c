/**
 * Finds the resources of a DigitalOcean account that the program would make: by name, or by what they belong to. Names of fields:
 * DigitalOcean's OpenAPI document. Ids: `pulumi import` of pulumi-digitalocean 4.80, "Import" of each resource.
 */
import { kindOf, type Resource } from "../../graph/resource.ts";
import { isGroup } from "../../settings/reading/group.ts";
import type { AccountReader, CloudItem } from "../ground/account.ts";
import { bucketState } from "../ground/bucket.ts";
import { restricted } from "./values.ts";

/** What is there in the place of a resource. */
export interface Found {
  /** The id with which `pulumi import` takes it over. */
  readonly id: string;
  /** DigitalOcean's id of it, which other resources name. */
  readonly cloudId: string;
  /** The inputs with which the program would have made it as it is, as far as they can be seen. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What a search may use. */
export interface Search {
  readonly account: AccountReader;
  /** DigitalOcean's id of the resource that an input comes from; undefined if that is not there. */
  readonly idOf: (input: string) => string | undefined;
}

type Finder = (resource: Resource, search: Search) => Promise<Found | undefined>;

/** A name or a number; nothing else is an id. */
const text = (value: unknown) => (typeof value === "string" || typeof value === "number" ? String(value) : "");

/** Finds an item of a list by its name. */
function named(path: string, root: string, inputs: (item: CloudItem) => Record<string, unknown>, id = "id"): Finder {
  return async ({ inputs: wanted }, { account }) => {
    const item = (await account.list(path, root)).find((one) => one["name"] === wanted["name"]);
    if (item === undefined) return undefined;
    const cloudId = text(item[id]);
    return { id: cloudId, cloudId, inputs: inputs(item) };
  };
}

/** Finds an item of a database cluster by its name. */
function ofDatabase(path: string, root: string, inputs: (item: CloudItem) => Record<string, unknown>): Finder {
  return async ({ inputs: wanted }, { account, idOf }) => {
    const cluster = idOf("clusterId");
    if (cluster === undefined) return undefined;
    const items = await account.list(`/v2/databases/${cluster}/${path}`, root);
    const item = items.find((one) => one["name"] === wanted["name"]);
    if (item === undefined) return undefined;
    return {
      id: `${cluster},${text(item["name"])}`,
      cloudId: text(item["name"]),
      inputs: { ...inputs(item), clusterId: cluster },
    };
  };
}

const pool = (item: CloudItem) => ({
  name: item["name"],
  size: item["size"],
  autoScale: item["auto_scale"],
  minNodes: item["min_nodes"],
  maxNodes: item["max_nodes"],
});

const finders: Readonly<Record<string, Finder>> = {
  Vpc: named("/v2/vpcs", "vpcs", (item) => ({
    ...{ name: item["name"], region: item["region"], ipRange: item["ip_range"] },
  })),
  Project: named("/v2/projects", "projects", (item) => ({
    ...{ name: item["name"], description: item["description"], purpose: item["purpose"] },
    environment: item["environment"],
  })),
  ContainerRegistry: named(
    "/v2/registries",
    "registries",
    (item) => ({ name: item["name"], region: item["region"] }),
    "name",
  ),
  Domain: named("/v2/domains", "domains", (item) => ({ name: item["name"] }), "name"),
  KubernetesCluster: async (resource, { account }) => {
    const clusters = await account.list("/v2/kubernetes/clusters", "kubernetes_clusters");
    const item = clusters.find((one) => one["name"] === resource.inputs["name"]);
    if (item === undefined) return undefined;
    const policy = isGroup(item["maintenance_policy"]) ? item["maintenance_policy"] : {};
    const wanted = resource.inputs["nodePool"];
    const builtIn = isGroup(wanted)
      ? (poolsOf(item).find((one) => one["name"] === wanted["name"]) ?? defaultPool(item))
      : undefined;
    return {
      ...{ id: text(item["id"]), cloudId: text(item["id"]) },
      inputs: {
        ...{
          name: item["name"],
          region: item["region"],
          version: item["version"],
          vpcUuid: item["vpc_uuid"],
          ha: item["ha"],
        },
        ...{ clusterSubnet: item["cluster_subnet"], serviceSubnet: item["service_subnet"] },
        ...{ autoUpgrade: item["auto_upgrade"], surgeUpgrade: item["surge_upgrade"] },
        maintenancePolicy: { day: policy["day"], startTime: policy["start_time"] },
        nodePool: builtIn && { name: builtIn["name"], size: builtIn["size"], nodeCount: builtIn["count"] },
      },
    };
  },
  KubernetesNodePool: async (resource, { account, idOf }) => {
    const cluster = idOf("clusterId");
    if (cluster === undefined) return undefined;
    const clusters = await account.list("/v2/kubernetes/clusters", "kubernetes_clusters");
    const owner = clusters.find((one) => one["id"] === cluster);
    const item = owner && poolsOf(owner).find((one) => one["name"] === resource.inputs["name"]);
    return item && { id: text(item["id"]), cloudId: text(item["id"]), inputs: { ...pool(item), clusterId: cluster } };
  },
  DatabaseCluster: named("/v2/databases", "databases", (item) => ({
    ...{
      name: item["name"],
      engine: item["engine"],
      version: item["version"],
      size: item["size"],
      region: item["region"],
    },
    ...{ nodeCount: item["num_nodes"], privateNetworkUuid: item["private_network_uuid"] },
  })),
  DatabaseDb: ofDatabase("dbs", "dbs", (item) => ({ name: item["name"] })),
  DatabaseUser: ofDatabase("users", "users", (item) => ({ name: item["name"] })),
  DatabaseConnectionPool: ofDatabase("pools", "pools", (item) => ({
    ...{ name: item["name"], mode: item["mode"], size: item["size"], dbName: item["db"], user: item["user"] },
  })),
  DatabaseFirewall: async (_resource, { account, idOf }) => {
    const cluster = idOf("clusterId");
    if (cluster === undefined) return undefined;
    const rules = await account.list(`/v2/databases/${cluster}/firewall`, "rules");
    if (rules.length === 0) return undefined;
    const shown = rules.map(({ type, value }) => ({ type, value }));
    return { id: cluster, cloudId: cluster, inputs: { clusterId: cluster, rules: shown } };
  },
  DnsRecord: async ({ inputs: wanted }, { account }) => {
    const domain = text(wanted["domain"]);
    const records = await account.list(`/v2/domains/${domain}/records`, "domain_records");
    const item = records.find((one) => one["name"] === wanted["name"] && one["type"] === wanted["type"]);
    if (item === undefined) return undefined;
    const id = text(item["id"]);
    return {
      ...{ id: `${domain},${id}`, cloudId: id },
      inputs: { domain, name: item["name"], type: item["type"], value: item["data"], ttl: item["ttl"] },
    };
  },
  SpacesBucket: async ({ inputs: { name, region } }) => {
    const state = await bucketState(text(name), text(region));
    if (state !== "there") return undefined;
    return { id: `${text(region)},${text(name)}`, cloudId: text(name), inputs: { name, region } };
  },
};

function poolsOf(cluster: CloudItem): readonly CloudItem[] {
  return Array.isArray(cluster["node_pools"]) ? (cluster["node_pools"] as CloudItem[]) : [];
}

/** The pool that the provider takes for the cluster's own. Source: terraform-provider-digitalocean, import of a cluster. */
const defaultPoolTag = "terraform:default-node-pool";

function defaultPool(cluster: CloudItem): CloudItem | undefined {
  const pools = poolsOf(cluster);
  return (
    pools.find(({ tags }) => Array.isArray(tags) && tags.includes(defaultPoolTag)) ??
    (pools.length === 1 ? pools[0] : undefined)
  );
}

/** What is there in the place of a resource of DigitalOcean; undefined if nothing is. */
export async function findInAccount(resource: Resource, search: Search): Promise<Found | undefined> {
  const found = await finders[kindOf(resource)]?.(resource, search);
  return found && { ...found, inputs: compared(resource, found.inputs, search) };
}

/**
 * The inputs that are compared: those that can be seen. An input that names another resource is the same if it names the one that
 * is there. What cannot be seen is taken to be as wanted; the engine's own preview after the import shows the rest.
 */
function compared(resource: Resource, seen: Found["inputs"], { idOf }: Search): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(resource.inputs).map(([input, wanted]) => {
      if (!(input in seen)) return [input, wanted];
      const id = input in resource.inputsFrom ? idOf(input) : undefined;
      return [input, restricted(wanted, id === undefined ? seen[input] : withWanted(seen[input], wanted, id))];
    }),
  );
}

/** A value as the program writes it: where it has the id of another resource, what stands for that id in the program. */
function withWanted(seen: unknown, wanted: unknown, id: string): unknown {
  if (seen === id) return wanted;
  if (Array.isArray(seen) && Array.isArray(wanted))
    return seen.map((item: unknown, i) => withWanted(item, wanted[i], id));
  if (!isGroup(seen) || !isGroup(wanted)) return seen;
  return Object.fromEntries(Object.entries(seen).map(([key, value]) => [key, withWanted(value, wanted[key], id)]));
}
