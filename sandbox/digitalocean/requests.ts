/**
 * The requests to DigitalOcean that create the resources of a rendered stack, in a possible order. Also those of
 * DigitalOcean's CSI driver, which makes volumes for the stack's claims.
 *
 * Sources: terraform-provider-digitalocean and godo, `resource_*.go`; @pulumi/digitalocean for the names of inputs.
 */
import { isBlockStorage } from "../../catalogue/doks.ts";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/mocks.js";
import { bytes } from "../../catalogue/quantity.ts";
import { kubernetesObject, type Resource } from "../../graph/resource.ts";
import { standInResource } from "../../graph/render/stand-ins.ts";

/** A request that creates a resource. */
export interface ApiRequest {
  /** Kind and Pulumi name of the resource: `Vpc platform-vpc`. */
  readonly by: string;
  readonly method: "POST" | "PUT";
  /** Path; ids in it and in the body are those that the rendering made up. */
  readonly path: string;
  readonly body: object;
  /** The id that the rendering made up for the resource, and the key in the response under which the real id is. */
  readonly id?: { readonly rendered: string; readonly root: string };
}

type Inputs = Readonly<Record<string, unknown>>;
interface Call {
  readonly path: (inputs: Inputs) => string;
  readonly body: (inputs: Inputs) => object;
  readonly method?: "PUT";
  readonly root?: string;
}

/** Made-up path of requests to Spaces, which is not part of DigitalOcean's API. */
export const bucketPath = "/spaces/buckets";
/** Made-up path of requests to the CSI driver. */
export const volumePath = "/csi/volumes";

/** The request for each kind of resource, in the order of creation. */
const calls: Readonly<Record<string, Call>> = {
  Project: {
    path: () => "/v2/projects",
    body: picked("name", "description", "purpose", "environment"),
    root: "project",
  },
  Vpc: { path: () => "/v2/vpcs", body: picked("name", "region", "ipRange", "description"), root: "vpc" },
  VpcNatGateway: {
    path: () => "/v2/vpc_nat_gateways",
    body: ({ vpcs, ...rest }) => ({
      ...picked("name", "type", "region", "size")(rest),
      vpcs: (vpcs as readonly Inputs[]).map(picked("vpcUuid")),
    }),
    root: "vpc_nat_gateway",
  },
  KubernetesCluster: { path: () => "/v2/kubernetes/clusters", body: cluster, root: "kubernetes_cluster" },
  KubernetesNodePool: {
    path: ({ clusterId }) => `/v2/kubernetes/clusters/${String(clusterId)}/node_pools`,
    body: nodePool,
    root: "node_pool",
  },
  DatabaseCluster: { path: () => "/v2/databases", body: database, root: "database" },
  DatabaseDb: { path: inDatabase("dbs"), body: picked("name") },
  DatabaseUser: { path: inDatabase("users"), body: picked("name") },
  DatabaseConnectionPool: {
    path: inDatabase("pools"),
    body: ({ dbName, ...rest }) => picked("name", "mode", "size", "db", "user")({ ...rest, db: dbName }),
  },
  DatabaseKafkaTopic: { path: inDatabase("topics"), body: picked("name", "partitionCount", "replicationFactor") },
  DatabaseFirewall: { path: inDatabase("firewall"), body: picked("rules"), method: "PUT" },
  ContainerRegistry: { path: () => "/v2/registry", body: picked("name", "subscriptionTierSlug", "region") },
  Domain: { path: () => "/v2/domains", body: picked("name", "ipAddress") },
  DnsRecord: { path: ({ domain }) => `/v2/domains/${String(domain)}/records`, body: dnsRecord },
  SpacesBucket: { path: () => bucketPath, body: picked("name", "region"), method: "PUT" },
  SpacesKey: { path: () => "/v2/spaces/keys", body: picked("name", "grants") },
  ProjectResources: { path: ({ project }) => `/v2/projects/${String(project)}/resources`, body: picked("resources") },
};

/** Kinds that no request creates: the provider only reads these credentials. */
const onlyRead = ["ContainerRegistryDockerCredentials"];

/**
 * The requests that create the resources of a stack.
 *
 * @throws {Error} if there is a kind of DigitalOcean resource for which no request is known
 */
export function requestsOf(resources: readonly Resource[]): ApiRequest[] {
  const order = Object.keys(calls);
  const own = resources
    .filter(({ type, custom }) => custom && type.startsWith("digitalocean:"))
    .map((resource) => ({ resource, kind: resource.type.split(":").at(-1) ?? "" }))
    .filter(({ kind }) => !onlyRead.includes(kind))
    .toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  return [...own.map(({ resource, kind }) => requestOf(resource, kind)), ...resources.flatMap(volumesOf)];
}

function requestOf({ type, name, inputs }: Resource, kind: string): ApiRequest {
  const call = calls[kind];
  if (call === undefined)
    throw new Error(`no request is known for ${type}: add it to sandbox/digitalocean/requests.ts`);
  const request = {
    by: `${kind} ${name}`,
    method: call.method ?? "POST",
    path: call.path(inputs),
    body: call.body(inputs),
  } as const;
  if (call.root === undefined) return request;
  const { id } = standInResource({ type, name, inputs, custom: true } satisfies MockResourceArgs);
  return { ...request, id: { rendered: id, root: call.root } };
}

/** Requests for volumes: one for each claim with a storage class of the CSI driver. */
function volumesOf(resource: Resource): ApiRequest[] {
  const object = kubernetesObject(resource);
  if (object === undefined) return [];
  const spec = (object["spec"] ?? {}) as { volumeClaimTemplates?: Claim[] } & Claim["spec"];
  const claims =
    object.kind === "PersistentVolumeClaim" ? [spec] : (spec.volumeClaimTemplates ?? []).map((one) => one.spec);
  return claims
    .filter(({ storageClassName }) => isBlockStorage(storageClassName ?? ""))
    .map(({ resources }) => ({
      by: `${object.kind} ${object.metadata.name}`,
      method: "POST",
      path: volumePath,
      body: { bytes: bytes(resources?.requests?.storage) },
    }));
}

interface Claim {
  readonly spec: {
    readonly storageClassName?: string;
    readonly resources?: { readonly requests?: { readonly storage?: string } };
  };
}

function cluster(inputs: Inputs): object {
  const { nodePool: pool, maintenancePolicy, routingAgent, ...rest } = inputs;
  const own = picked(
    ...["name", "region", "version", "vpcUuid", "clusterSubnet", "serviceSubnet", "ha", "autoUpgrade", "surgeUpgrade"],
    ...["tags", "isolatedWorkers"],
  )(rest);
  const first = nodePool(pool as Inputs) as { tags?: string[] };
  return {
    ...own,
    ...(maintenancePolicy !== undefined && {
      maintenance_policy: picked("day", "startTime")(maintenancePolicy as Inputs),
    }),
    ...(routingAgent !== undefined && { routing_agent: routingAgent }),
    node_pools: [{ ...first, tags: [...(first.tags ?? []), "terraform:default-node-pool"] }],
  };
}

function nodePool({ nodeCount, ...rest }: Inputs): object {
  const shape = ["name", "size", "count", "tags", "labels", "taints", "autoScale", "minNodes", "maxNodes"];
  return picked(...shape)({ ...rest, count: nodeCount });
}

function database({ nodeCount, storageSizeMib, ...rest }: Inputs): object {
  const shape = ["name", "engine", "version", "size", "region", "numNodes", "tags", "privateNetworkUuid", "projectId"];
  return {
    ...picked(...shape)({ ...rest, numNodes: nodeCount }),
    ...(storageSizeMib !== undefined && { storage_size_mib: Number(storageSizeMib) }),
  };
}

/** Body of a DNS record. The provider adds a final dot to values that are host names. */
function dnsRecord({ value, ...rest }: Inputs): object {
  const isHost = ["CNAME", "MX", "NS", "SRV", "CAA"].includes(String(rest["type"]));
  const data = isHost && value !== "@" && !String(value).endsWith(".") ? `${String(value)}.` : value;
  return picked("type", "name", "data", "ttl", "priority", "port", "weight", "flags", "tag")({ ...rest, data });
}

function inDatabase(part: string): (inputs: Inputs) => string {
  return ({ clusterId }) => `/v2/databases/${String(clusterId)}/${part}`;
}

/** A function that picks some of the inputs, and spells their names as the API does: `ipRange` becomes `ip_range`. */
function picked(...names: readonly string[]): (inputs: Inputs) => object {
  return (inputs) =>
    Object.fromEntries(
      names
        .filter((name) => inputs[name] !== undefined)
        .map((name) => [name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), inputs[name]]),
    );
}
