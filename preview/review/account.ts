/**
 * Finds resources of several stacks that cannot exist in one DigitalOcean account: equal names, and ranges that
 * overlap. Pure.
 */
import { balancerAnnotation } from "../../catalogue/doks.ts";
import { overlap, parseBlock, type Block } from "../../catalogue/addresses.ts";
import { hostOfRecord, kindOf } from "../../graph/resource.ts";
import type { Resource } from "../../graph/resource.ts";

/** The resources of one stack. */
export interface StackResources {
  readonly stack: string;
  readonly resources: readonly Resource[];
}

/** Two resources that cannot exist in the same account. */
export interface Collision {
  /** What collides: `name of a VPC`, `range`. */
  readonly what: string;
  /** The name, or the two ranges. */
  readonly value: string;
  /** Stack, kind and name of each resource: `prod: Vpc platform-vpc`. */
  readonly uses: readonly [string, string];
}

interface Claim {
  readonly what: string;
  readonly value: string;
  readonly user: string;
  /** `platform.account` of the stack, within which the value must be the only one; undefined if no other account may have it either. */
  readonly within: string | undefined;
}

/** The account of stacks that name none. */
const unnamed = "";

/** What all of DigitalOcean has once, whatever the account. */
const everywhere = new Set(["ContainerRegistry", "SpacesBucket", "Domain", "DnsRecord"]);

/** Kinds whose names must be unique in an account, or at DigitalOcean as a whole. */
const names: Readonly<Record<string, string>> = {
  Vpc: "name of a VPC",
  KubernetesCluster: "name of a cluster",
  DatabaseCluster: "name of a database",
  Project: "name of a project",
  ContainerRegistry: "name of a registry",
  SpacesBucket: "name of a bucket",
  Domain: "domain",
};
const loadBalancerName = balancerAnnotation("name");

/** Every pair of resources that collides, also within one stack. */
export function collisions(stacks: readonly StackResources[]): Collision[] {
  const known = stacks.map((one) => ({ ...one, account: accountOf(one) }));
  const claims = known.flatMap((one) => one.resources.flatMap((resource) => claimed(one, resource)));
  const blocks = known.flatMap((one) => one.resources.flatMap((resource) => ranges(one, resource)));
  return [...pairs(claims, ({ value }, other) => value === other.value), ...pairs(blocks, overlaps)];
}

function pairs<One extends Claim>(all: readonly One[], collide: (a: One, b: One) => boolean): Collision[] {
  return all.flatMap((one, i) =>
    all
      .slice(0, i)
      .filter((other) => other.what === one.what && other.within === one.within && collide(other, one))
      .map((other): Collision => {
        const value = other.value === one.value ? one.value : `${other.value} and ${one.value}`;
        return { what: one.what, value, uses: [other.user, one.user] };
      }),
  );
}

/** A stack, and the account that it is in. */
interface Placed {
  readonly stack: string;
  readonly account: string;
}

function accountOf({ resources }: StackResources): string {
  const platform = resources.find(({ type }) => type === "doks-systems:platform:Platform");
  return (platform?.inputs["account"] as string | undefined) ?? unnamed;
}

function claimed(of: Placed, { type, name, inputs }: Resource): Claim[] {
  const kind = kindOf({ type });
  const user = `${of.stack}: ${kind} ${name}`;
  const within = everywhere.has(kind) ? undefined : of.account;
  if (type.startsWith("digitalocean:")) {
    const what = names[kind];
    if (what !== undefined) return [{ what, value: String(inputs["name"]), user, within }];
    if (kind !== "DnsRecord") return [];
    return [{ what: "DNS record", value: hostOfRecord({ inputs }), user, within }];
  }
  const { annotations } = (inputs["metadata"] ?? {}) as { annotations?: Record<string, string> };
  const loadBalancer = kind === "Service" ? annotations?.[loadBalancerName] : undefined;
  return loadBalancer === undefined ? [] : [{ what: "name of a load balancer", value: loadBalancer, user, within }];
}

interface Range extends Claim {
  readonly block: Block;
}

function ranges(of: Placed, { type, name, inputs }: Resource): Range[] {
  const kind = kindOf({ type });
  const fields = kind === "Vpc" ? ["ipRange"] : kind === "KubernetesCluster" ? ["clusterSubnet", "serviceSubnet"] : [];
  if (!type.startsWith("digitalocean:")) return [];
  return fields.flatMap((field): Range[] => {
    const value = inputs[field];
    if (typeof value !== "string") return [];
    const user = `${of.stack}: ${kind} ${name} ${field}`;
    return [{ what: "range", value, user, within: of.account, block: parseBlock(value) }];
  });
}

function overlaps(one: Range, other: Range): boolean {
  return overlap(one.block, other.block);
}
