/**
 * The calls that DigitalOcean's provider would make to create the resources of a rendered stack, in an order that it could make
 * them in. Source: terraform-provider-digitalocean and its godo, `resource_*.go`; @pulumi/digitalocean for the names of inputs.
 * Volumes are asked for by DigitalOcean's CSI driver, for the claims of a stack.
 */
import { isBlockStorage } from "../../catalogue/doks.ts";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/mocks.js";
import { bytes } from "../../catalogue/quantity.ts";
import { kubernetesObject, type Resource } from "../../graph/resource.ts";
import { standInResource } from "../../graph/render/stand-ins.ts";

export interface ApiRequest {
  /** The resource that asks: `Vpc platform-vpc`. */
  readonly by: string;
  readonly method: "POST" | "PUT";
  /** Ids in it, and in the body, are the rendering's own. */
  readonly path: string;
  readonly body: object;
  /** What the rendering calls the id in the answer, and where in the answer that is. */
  readonly id?: { readonly rendered: string; readonly root: string };
}

type Inputs = Readonly<Record<string, unknown>>;
interface Call {
  readonly path: (inputs: Inputs) => string;
  readonly body: (inputs: Inputs) => object;
  readonly method?: "PUT";
  readonly root?: string;
}

/** What Spaces is asked, which is no part of the API. */
export const bucketPath = "/spaces/buckets";
/** What the CSI driver is asked. */
export const volumePath = "/csi/volumes";

/** By the last part of a type's token, in the order that they are made in. */
const calls: Readonly<Record<string, Call>> = {
  Project: {
    path: () => "/v2/projects",
    body: picked("name", "description", "purpose", "environment"),
    root: "project",
  },
  Vpc: { path: () => "/v2/vpcs", body: picked("name", "region", "ipRange", "description"), root: "vpc" },
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

/** Made by no call: credentials are read. */
const asksNothing = ["ContainerRegistryDockerCredentials"];

/**
 * The calls of a stack's resources.
 *
 * @throws {Error} for a resource of DigitalOcean's that it does not know
 */
export function requestsOf(resources: readonly Resource[]): ApiRequest[] {
  const order = Object.keys(calls);
  const own = resources
    .filter(({ type, custom }) => custom && type.startsWith("digitalocean:"))
    .map((resource) => ({ resource, kind: resource.type.split(":").at(-1) ?? "" }))
    .filter(({ kind }) => !asksNothing.includes(kind))
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

/** One for each claim whose class is the CSI driver's. */
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
  const { nodePool: pool, maintenancePolicy, ...rest } = inputs;
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

/** The provider ends the names of hosts with a dot. */
function dnsRecord({ value, ...rest }: Inputs): object {
  const isHost = ["CNAME", "MX", "NS", "SRV", "CAA"].includes(String(rest["type"]));
  const data = isHost && value !== "@" && !String(value).endsWith(".") ? `${String(value)}.` : value;
  return picked("type", "name", "data", "ttl", "priority", "port", "weight", "flags", "tag")({ ...rest, data });
}

function inDatabase(part: string): (inputs: Inputs) => string {
  return ({ clusterId }) => `/v2/databases/${String(clusterId)}/${part}`;
}

/** Some of the inputs, in the API's spelling: `ipRange` is `ip_range`. */
function picked(...names: readonly string[]): (inputs: Inputs) => object {
  return (inputs) =>
    Object.fromEntries(
      names
        .filter((name) => inputs[name] !== undefined)
        .map((name) => [name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), inputs[name]]),
    );
}
