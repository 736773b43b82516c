/** The paid parts of each kind of resource, with prices from `catalogue/prices.json`. Pure. */
import { claimsOfEach } from "../../../graph/data.ts";
import { kindOf } from "../../../graph/resource.ts";
import { balancerAnnotation, isBlockStorage } from "../../../catalogue/doks.ts";
import prices from "../../../catalogue/prices.json" with { type: "json" };
import { gibibytes } from "../../../catalogue/quantity.ts";
import type { Resource } from "../../../graph/resource.ts";

/** One paid part of a resource. */
export interface Part {
  /** Id of the part among those of the resource; it stays the same when sizes change. */
  readonly id: string;
  /** Text for people: `pool general: 4 to 32 × s-4vcpu-8gb`. */
  readonly what: string;
  /** Price of one unit in US dollars a month; undefined if the table does not have it. */
  readonly each: number | undefined;
  /** Smallest number of units. */
  readonly min: number;
  /** Largest number of units. */
  readonly max: number;
}

type Inputs = Readonly<Record<string, unknown>>;
type Prices = Readonly<Record<string, number | undefined>>;

/**
 * The paid parts of a resource; empty if its kind costs nothing.
 *
 * @param onDoks whether the cluster is DOKS, whose load balancers and default volumes cost money
 */
export function paidParts(resource: Resource, onDoks: boolean): Part[] {
  return kinds[kindOf(resource)]?.(resource.inputs, onDoks) ?? [];
}

const kinds: Readonly<Record<string, (inputs: Inputs, onDoks: boolean) => Part[]>> = {
  KubernetesCluster: ({ ha, nodePool }) => [
    ...(ha === true
      ? [fixed("control plane", "control plane: highly available", prices.controlPlane.highlyAvailable, 1)]
      : []),
    nodes(nodePool as Inputs),
  ],
  KubernetesNodePool: (inputs) => [nodes(inputs)],
  // The price is not in the table: it must be looked up at DigitalOcean.
  VpcNatGateway: ({ name, size }) => [fixed("size", `NAT gateway ${String(name)}: size ${String(size)}`, undefined, 1)],
  DatabaseCluster: database,
  ContainerRegistry: ({ name, subscriptionTierSlug: tier }) => [
    fixed("tier", `registry ${String(name)}: ${String(tier)}`, (prices.registry as Prices)[String(tier)], 1),
  ],
  Service: ({ spec, metadata }, onDoks) =>
    (spec as Inputs | undefined)?.["type"] === "LoadBalancer"
      ? balancer(nameIn(metadata), metadata as Inputs, onDoks)
      : [],
  EnvoyProxy: ({ metadata, spec }, onDoks) => {
    const { provider } = spec as { provider?: { kubernetes?: { envoyService?: Inputs } } };
    return balancer(nameIn(metadata), provider?.kubernetes?.envoyService ?? {}, onDoks);
  },
  StatefulSet: (inputs, onDoks) => {
    const { volumeClaimTemplates = [] } = inputs["spec"] as { volumeClaimTemplates?: Inputs[] };
    return volumeClaimTemplates.flatMap((claim) =>
      volumes(nameIn(claim["metadata"]), nameIn(inputs["metadata"]), claim, claimsOfEach({ inputs }), onDoks),
    );
  },
  PersistentVolumeClaim: (inputs, onDoks) => volumes("claim", nameIn(inputs["metadata"]), inputs, 1, onDoks),
  Release: ({ name, values }, onDoks) =>
    claimsInValues(values, "values").flatMap(({ path, claim, replicas }) =>
      volumes(path, String(name), claim, replicas, onDoks),
    ),
};

function nodes(pool: Inputs): Part {
  const { name, size, nodeCount, minNodes, maxNodes } = pool as Record<string, string | number | undefined>;
  const [min, max] = [Number(minNodes ?? nodeCount), Number(maxNodes ?? nodeCount)];
  const count = min === max ? `${min}` : `${min} to ${max}`;
  const what = `pool ${String(name)}: ${count} × ${String(size)}`;
  return { id: "nodes", what, each: (prices.nodes as Prices)[String(size)], min, max };
}

/**
 * Servers, and disk beyond what their size includes. The disk has no known price if the table does not say how much is
 * included.
 */
function database({ name, engine, size, nodeCount, storageSizeMib }: Inputs): Part[] {
  const slug = String(size);
  const count = Number(nodeCount);
  const servers = (prices.databases as Readonly<Record<string, Prices | undefined>>)[String(engine)];
  const parts = [fixed("servers", `${String(name)}: ${count} × ${slug}`, servers?.[slug], count)];
  if (storageSizeMib === undefined) return parts;
  const disk = (prices.databaseDisk as Readonly<Record<string, { perGib: number; includedGib: Prices } | undefined>>)[
    String(engine)
  ];
  const included = disk?.includedGib[slug];
  const gib = Number(storageSizeMib) / 1024;
  if (included === undefined) return [...parts, fixed("disk", `${String(name)} disk: ${gib} GiB`, undefined, count)];
  const extra = gib - included;
  const what = `${String(name)} disk: ${extra} GiB beyond what is included`;
  return extra > 0 ? [...parts, fixed("disk", what, disk?.perGib, extra * count)] : parts;
}

/** A load balancer. Without an annotation for the type, DOKS makes a network load balancer. */
function balancer(name: string, { annotations }: Inputs, onDoks: boolean): Part[] {
  if (!onDoks) return [];
  const own = (annotations ?? {}) as Record<string, string>;
  const type = own[balancerAnnotation("type")] ?? "REGIONAL_NETWORK";
  const units = Number(own[balancerAnnotation("size-unit")] ?? 1);
  return [fixed("balancer", `load balancer ${name}: ${units} × ${type}`, (prices.loadBalancer as Prices)[type], units)];
}

function volumes(id: string, owner: string, claim: Inputs, count: number, onDoks: boolean): Part[] {
  const { storageClassName, resources } = claim["spec"] as {
    storageClassName?: string;
    resources?: { requests?: { storage?: string } };
  };
  const isPaid = storageClassName === undefined ? onDoks : isBlockStorage(storageClassName);
  if (!isPaid) return [];
  const size = gibibytes(resources?.requests?.storage);
  return [fixed(`volumes ${id}`, `volumes of ${owner}: ${count} × ${size} GiB`, prices.volumePerGib, count * size)];
}

/** Claims in the values of a Helm chart, in the form `storageSpec.volumeClaimTemplate` that Prometheus' chart has. */
export function claimsInValues(values: unknown, path: string): { path: string; claim: Inputs; replicas: number }[] {
  if (typeof values !== "object" || values === null) return [];
  const own = values as { storageSpec?: { volumeClaimTemplate?: Inputs }; replicas?: number };
  const claim = own.storageSpec?.volumeClaimTemplate;
  return [
    ...(claim === undefined ? [] : [{ path, claim, replicas: own.replicas ?? 1 }]),
    ...Object.entries(values).flatMap(([key, inner]) => claimsInValues(inner, `${path}.${key}`)),
  ];
}

function fixed(id: string, what: string, each: number | undefined, count: number): Part {
  return { id, what, each, min: count, max: count };
}

function nameIn(metadata: unknown): string {
  return String((metadata as { name?: string } | undefined)?.name);
}
