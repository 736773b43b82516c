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
}

/** Kinds whose names must be unique in an account or, for buckets, registries and domains, at DigitalOcean as a whole. */
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
  const claims = stacks.flatMap(({ stack, resources }) => resources.flatMap((one) => claimed(stack, one)));
  const blocks = stacks.flatMap(({ stack, resources }) => resources.flatMap((one) => ranges(stack, one)));
  return [...pairs(claims, ({ value }, other) => value === other.value), ...pairs(blocks, overlaps)];
}

function pairs<One extends Claim>(all: readonly One[], collide: (a: One, b: One) => boolean): Collision[] {
  return all.flatMap((one, i) =>
    all
      .slice(0, i)
      .filter((other) => other.what === one.what && collide(other, one))
      .map((other): Collision => {
        const value = other.value === one.value ? one.value : `${other.value} and ${one.value}`;
        return { what: one.what, value, uses: [other.user, one.user] };
      }),
  );
}

function claimed(stack: string, { type, name, inputs }: Resource): Claim[] {
  const kind = kindOf({ type });
  const user = `${stack}: ${kind} ${name}`;
  if (type.startsWith("digitalocean:")) {
    const what = names[kind];
    if (what !== undefined) return [{ what, value: String(inputs["name"]), user }];
    if (kind !== "DnsRecord") return [];
    return [{ what: "DNS record", value: hostOfRecord({ inputs }), user }];
  }
  const { annotations } = (inputs["metadata"] ?? {}) as { annotations?: Record<string, string> };
  const loadBalancer = kind === "Service" ? annotations?.[loadBalancerName] : undefined;
  return loadBalancer === undefined ? [] : [{ what: "name of a load balancer", value: loadBalancer, user }];
}

interface Range extends Claim {
  readonly block: Block;
}

function ranges(stack: string, { type, name, inputs }: Resource): Range[] {
  const kind = kindOf({ type });
  const fields = kind === "Vpc" ? ["ipRange"] : kind === "KubernetesCluster" ? ["clusterSubnet", "serviceSubnet"] : [];
  if (!type.startsWith("digitalocean:")) return [];
  return fields.flatMap((field): Range[] => {
    const value = inputs[field];
    if (typeof value !== "string") return [];
    return [{ what: "range", value, user: `${stack}: ${kind} ${name} ${field}`, block: parseBlock(value) }];
  });
}

function overlaps(one: Range, other: Range): boolean {
  return overlap(one.block, other.block);
}
