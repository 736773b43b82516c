/**
 * What a stack costs a month, by resource, from a dated price table: list prices without tax. Traffic and storage above
 * what is included, and snapshots, depend on use and are not in it. Pure.
 */
import prices from "../catalogue/prices.json" with { type: "json" };
import { gibibytes } from "../catalogue/quantity.ts";
import type { PublicResource } from "../render/public-resource.ts";
import { byUrn, systemOf } from "./parentage.ts";

/** US dollars a month, with pools and autoscalers at their minimum and at their maximum. */
export interface Monthly {
  readonly min: number;
  readonly max: number;
}

export interface CostItem {
  /** The resource; the account itself for what is paid once per team. */
  readonly urn: string;
  readonly system: string;
  /** `general: 4 to 32 × s-4vcpu-8gb` */
  readonly what: string;
  /** Absent where the price table does not know it. */
  readonly monthly: Monthly | undefined;
}

export interface Cost {
  /** Date of the price table: `2026-11-21`. */
  readonly asOf: string;
  readonly items: readonly CostItem[];
}

export interface CostChange {
  readonly system: string;
  readonly what: string;
  readonly before: Monthly | undefined;
  readonly after: Monthly | undefined;
}

/** One priced part of a resource. */
interface Part {
  readonly what: string;
  readonly each: number | undefined;
  readonly min: number;
  readonly max: number;
}

type Inputs = Readonly<Record<string, unknown>>;

/** In the order of the systems' names, the most expensive first. */
export function cost(resources: readonly PublicResource[]): Cost {
  const all = byUrn(resources);
  const items = resources.flatMap((resource) =>
    parts(resource, resources).map((part) => ({
      urn: resource.urn,
      system: systemOf(resource, all),
      what: part.what,
      monthly: part.each === undefined ? undefined : { min: part.each * part.min, max: part.each * part.max },
    })),
  );
  const buckets = resources.filter(({ type }) => kind(type) === "SpacesBucket").length;
  if (buckets > 0) {
    const monthly = { min: prices.spaces, max: prices.spaces };
    items.push({ urn: "account", system: "account", what: `Spaces, once for all buckets (here ${buckets})`, monthly });
  }
  return {
    asOf: prices.asOf,
    items: items.toSorted(
      (a, b) =>
        a.system.localeCompare(b.system) ||
        (b.monthly?.min ?? Infinity) - (a.monthly?.min ?? Infinity) ||
        a.what.localeCompare(b.what),
    ),
  };
}

/** Sum of what has a price. */
export function total(items: readonly CostItem[]): Monthly {
  const sum = (end: keyof Monthly) => items.reduce((all, { monthly }) => all + (monthly?.[end] ?? 0), 0);
  return { min: sum("min"), max: sum("max") };
}

/** What became cheaper or dearer, came or went. */
export function costChanges(before: Cost, after: Cost): CostChange[] {
  const key = ({ urn, what }: CostItem) => `${urn} ${what.split(":")[0] ?? ""}`;
  const had = new Map(before.items.map((item) => [key(item), item]));
  const has = new Map(after.items.map((item) => [key(item), item]));
  return [...new Set([...had.keys(), ...has.keys()])].toSorted().flatMap((one): CostChange[] => {
    const [was, is] = [had.get(one), has.get(one)];
    if (was?.monthly?.min === is?.monthly?.min && was?.monthly?.max === is?.monthly?.max) return [];
    const { system, what } = (is ?? was) as CostItem;
    return [{ system, what, before: was?.monthly, after: is?.monthly }];
  });
}

/** `$ 1,012.60`, or `$ 1,012.60 to 2,400.00` where autoscaling makes a difference. */
export function money({ min, max }: Monthly): string {
  return min === max ? `$ ${amount(min)}` : `$ ${amount(min)} to ${amount(max)}`;
}

/** `+ $ 24.00`, `- $ 3.50 to + $ 12.00` */
export function moneyChange({ min, max }: Monthly): string {
  const signed = (value: number) => `${value < 0 ? "-" : "+"} $ ${amount(Math.abs(value))}`;
  return amount(min) === amount(max) ? signed(min) : `${signed(min)} to ${signed(max)}`;
}

function amount(value: number): string {
  return value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

function parts({ type, inputs }: PublicResource, all: readonly PublicResource[]): Part[] {
  return priced[kind(type)]?.(inputs, all) ?? [];
}

/** What each kind costs; a kind that is not here costs nothing of its own. */
const priced: Readonly<Record<string, (inputs: Inputs, all: readonly PublicResource[]) => Part[]>> = {
  KubernetesCluster: ({ ha, nodePool }) => [
    ...(ha === true ? [fixed("control plane: highly available", prices.controlPlane.highlyAvailable)] : []),
    nodes(nodePool as Inputs),
  ],
  KubernetesNodePool: (inputs) => [nodes(inputs)],
  DatabaseCluster: ({ name, engine, size, nodeCount, storageSizeMib }) => {
    const { databases, databaseDisk } = prices as unknown as {
      databases: Record<string, Record<string, number>>;
      databaseDisk: { perGib: number; includedGib: Record<string, number> };
    };
    const count = Number(nodeCount);
    const included = databaseDisk.includedGib[String(size)];
    const extra = storageSizeMib === undefined ? 0 : Number(storageSizeMib) / 1024 - (included ?? 0);
    return [
      times(`${String(name)}: ${count} × ${String(size)}`, databases[String(engine)]?.[String(size)], count),
      ...(extra > 0 ? [times(`${String(name)} disk: ${extra} GiB more`, databaseDisk.perGib, extra * count)] : []),
    ];
  },
  ContainerRegistry: ({ name, subscriptionTierSlug: tier }) => [
    fixed(`registry ${String(name)}: ${String(tier)}`, (prices.registry as Record<string, number>)[String(tier)]),
  ],
  Service: ({ spec, metadata }, all) =>
    (spec as Inputs | undefined)?.["type"] === "LoadBalancer"
      ? balancer((metadata as { name: string }).name, metadata as Inputs, all)
      : [],
  EnvoyProxy: ({ metadata, spec }, all) => {
    const { provider } = spec as { provider?: { kubernetes?: { envoyService?: Inputs } } };
    return balancer((metadata as { name: string }).name, provider?.kubernetes?.envoyService ?? {}, all);
  },
  StatefulSet: ({ spec, metadata }, all) => {
    const { replicas = 1, volumeClaimTemplates = [] } = spec as { replicas?: number; volumeClaimTemplates?: Inputs[] };
    const { name } = metadata as { name: string };
    return volumeClaimTemplates.flatMap((claim) => volumes(name, claim, replicas, all));
  },
  PersistentVolumeClaim: (inputs, all) => volumes((inputs["metadata"] as { name: string }).name, inputs, 1, all),
  Release: ({ name, values }, all) =>
    claimsOf(values as Inputs).flatMap(({ claim, replicas }) => volumes(String(name), claim, replicas, all)),
};

function nodes(pool: Inputs): Part {
  const { name, size, nodeCount, minNodes, maxNodes } = pool as Record<string, string | number | undefined>;
  const [min, max] = [Number(minNodes ?? nodeCount), Number(maxNodes ?? nodeCount)];
  const count = min === max ? `${min}` : `${min} to ${max}`;
  const each = (prices.nodes as Record<string, number>)[String(size)];
  return { what: `pool ${String(name)}: ${count} × ${String(size)}`, each, min, max };
}

/** Network balancers are what DOKS makes where nothing is said. */
function balancer(name: string, { annotations }: Inputs, all: readonly PublicResource[]): Part[] {
  if (!onDigitalOcean(all)) return [];
  const say = (annotations ?? {}) as Record<string, string>;
  const type = say["service.beta.kubernetes.io/do-loadbalancer-type"] ?? "REGIONAL_NETWORK";
  const units = Number(say["service.beta.kubernetes.io/do-loadbalancer-size-unit"] ?? 1);
  const each = (prices.loadBalancer as Record<string, number>)[type];
  return [times(`load balancer ${name}: ${units} × ${type}`, each, units)];
}

function volumes(owner: string, claim: Inputs, replicas: number, all: readonly PublicResource[]): Part[] {
  const { storageClassName, resources } = claim["spec"] as {
    storageClassName?: string;
    resources?: { requests?: { storage?: string } };
  };
  const sold = storageClassName === undefined ? onDigitalOcean(all) : storageClassName.startsWith("do-block-storage");
  if (!sold) return [];
  const size = gibibytes(resources?.requests?.storage);
  return [times(`volumes of ${owner}: ${replicas} × ${size} GiB`, prices.volumePerGib, replicas * size)];
}

/** The claims that a chart's values ask for, in the form that operators' charts have. */
function claimsOf(values: unknown): { claim: Inputs; replicas: number }[] {
  if (typeof values !== "object" || values === null) return [];
  const own = values as {
    volumeClaimTemplate?: Inputs;
    storageSpec?: { volumeClaimTemplate?: Inputs };
    replicas?: number;
  };
  const claim = own.storageSpec?.volumeClaimTemplate;
  return [
    ...(claim === undefined ? [] : [{ claim, replicas: own.replicas ?? 1 }]),
    ...Object.values(values).flatMap(claimsOf),
  ];
}

function onDigitalOcean(all: readonly PublicResource[]): boolean {
  return all.some(({ type }) => kind(type) === "KubernetesCluster" || type === "pulumi:pulumi:StackReference");
}

function fixed(what: string, each: number | undefined): Part {
  return times(what, each, 1);
}

function times(what: string, each: number | undefined, count: number): Part {
  return { what, each, min: count, max: count };
}

function kind(type: string): string {
  return type.split(":").at(-1) ?? type;
}
