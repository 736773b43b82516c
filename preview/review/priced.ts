/** What each kind of resource costs, from the price table. Pure. */
import { onDigitalOcean } from "../../graph/stack.ts";
import { kindOf } from "../../graph/resource.ts";
import { balancerAnnotation, isBlockStorage } from "../../catalogue/doks.ts";
import prices from "../../catalogue/prices.json" with { type: "json" };
import { gibibytes } from "../../catalogue/quantity.ts";
import type { Resource } from "../../graph/resource.ts";

/** One paid part of a resource. */
export interface Part {
  /** Tells the parts of one resource apart, and stays when sizes change. */
  readonly id: string;
  /** For people: `pool general: 4 to 32 × s-4vcpu-8gb` */
  readonly what: string;
  /** Of one, a month; undefined where the table does not know it. */
  readonly each: number | undefined;
  readonly min: number;
  readonly max: number;
}

type Inputs = Readonly<Record<string, unknown>>;
type Prices = Readonly<Record<string, number | undefined>>;

/** None where the kind costs nothing of its own. */
export function paidParts(resource: Resource, all: readonly Resource[]): Part[] {
  return kinds[kindOf(resource)]?.(resource.inputs, all) ?? [];
}

const kinds: Readonly<Record<string, (inputs: Inputs, all: readonly Resource[]) => Part[]>> = {
  KubernetesCluster: ({ ha, nodePool }) => [
    ...(ha === true
      ? [fixed("control plane", "control plane: highly available", prices.controlPlane.highlyAvailable, 1)]
      : []),
    nodes(nodePool as Inputs),
  ],
  KubernetesNodePool: (inputs) => [nodes(inputs)],
  DatabaseCluster: database,
  ContainerRegistry: ({ name, subscriptionTierSlug: tier }) => [
    fixed("tier", `registry ${String(name)}: ${String(tier)}`, (prices.registry as Prices)[String(tier)], 1),
  ],
  Service: ({ spec, metadata }, all) =>
    (spec as Inputs | undefined)?.["type"] === "LoadBalancer"
      ? balancer(nameIn(metadata), metadata as Inputs, all)
      : [],
  EnvoyProxy: ({ metadata, spec }, all) => {
    const { provider } = spec as { provider?: { kubernetes?: { envoyService?: Inputs } } };
    return balancer(nameIn(metadata), provider?.kubernetes?.envoyService ?? {}, all);
  },
  StatefulSet: ({ spec, metadata }, all) => {
    const { replicas = 1, volumeClaimTemplates = [] } = spec as { replicas?: number; volumeClaimTemplates?: Inputs[] };
    return volumeClaimTemplates.flatMap((claim) =>
      volumes(nameIn(claim["metadata"]), nameIn(metadata), claim, replicas, all),
    );
  },
  PersistentVolumeClaim: (inputs, all) => volumes("claim", nameIn(inputs["metadata"]), inputs, 1, all),
  Release: ({ name, values }, all) =>
    claimsInValues(values, "values").flatMap(({ path, claim, replicas }) =>
      volumes(path, String(name), claim, replicas, all),
    ),
};

function nodes(pool: Inputs): Part {
  const { name, size, nodeCount, minNodes, maxNodes } = pool as Record<string, string | number | undefined>;
  const [min, max] = [Number(minNodes ?? nodeCount), Number(maxNodes ?? nodeCount)];
  const count = min === max ? `${min}` : `${min} to ${max}`;
  const what = `pool ${String(name)}: ${count} × ${String(size)}`;
  return { id: "nodes", what, each: (prices.nodes as Prices)[String(size)], min, max };
}

/** Disk beyond what is included has a price only where both are known. */
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

/** Network balancers are what DOKS makes where nothing is said. */
function balancer(name: string, { annotations }: Inputs, all: readonly Resource[]): Part[] {
  if (!onDigitalOcean(all)) return [];
  const say = (annotations ?? {}) as Record<string, string>;
  const type = say[balancerAnnotation("type")] ?? "REGIONAL_NETWORK";
  const units = Number(say[balancerAnnotation("size-unit")] ?? 1);
  return [fixed("balancer", `load balancer ${name}: ${units} × ${type}`, (prices.loadBalancer as Prices)[type], units)];
}

function volumes(id: string, owner: string, claim: Inputs, count: number, all: readonly Resource[]): Part[] {
  const { storageClassName, resources } = claim["spec"] as {
    storageClassName?: string;
    resources?: { requests?: { storage?: string } };
  };
  const sold = storageClassName === undefined ? onDigitalOcean(all) : isBlockStorage(storageClassName);
  if (!sold) return [];
  const size = gibibytes(resources?.requests?.storage);
  return [fixed(`volumes ${id}`, `volumes of ${owner}: ${count} × ${size} GiB`, prices.volumePerGib, count * size)];
}

/** The claims that a chart's values ask for, in the form that operators' charts have. */
function claimsInValues(values: unknown, path: string): { path: string; claim: Inputs; replicas: number }[] {
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
