/**
 * What a stack costs a month, by resource: list prices without tax, from a table with a date. Snapshots, and traffic
 * and storage beyond what is included, depend on use and are left out. Pure.
 */
import { kindOf } from "../../../graph/resource.ts";
import prices from "../../../catalogue/prices.json" with { type: "json" };
import type { Resource } from "../../../graph/resource.ts";
import { byUrn, givenCluster, onDigitalOcean, systemOf } from "../../../graph/stack.ts";
import { paidParts } from "./priced.ts";

/** US dollars a month. */
export interface Monthly {
  /** With node pools at their minimum. */
  readonly min: number;
  /** With node pools at their maximum. */
  readonly max: number;
}

/** A paid part of a resource. */
export interface CostItem {
  /** URN of the resource; `account` for what an account pays once. */
  readonly urn: string;
  /** Id of the part among those of the resource: `nodes`. */
  readonly part: string;
  readonly system: string;
  /** Text for people: `pool general: 4 to 32 × s-4vcpu-8gb`. */
  readonly what: string;
  /** Undefined if the price table does not have it. */
  readonly monthly: Monthly | undefined;
}

/** What a stack costs. */
export interface Cost {
  /** Date of the price table: `2026-11-21`. */
  readonly asOf: string;
  readonly items: readonly CostItem[];
  /** What the stack uses and others pay for: `cluster k8s-prod`; undefined if there is nothing. */
  readonly others?: string;
}

/** A sum of costs. */
export interface Total extends Monthly {
  /** Number of items without a known price, which the sum leaves out. */
  readonly unpriced: number;
}

/** A paid part whose cost changes. */
export interface CostChange {
  /** Undefined if the part is new. */
  readonly before: CostItem | undefined;
  /** Undefined if the part is removed. */
  readonly after: CostItem | undefined;
}

/** What a stack costs, by system in the order of their names, and in each the most expensive first. */
export function cost(resources: readonly Resource[]): Cost {
  const all = byUrn(resources);
  const onDoks = onDigitalOcean(resources);
  const given = givenCluster(resources);
  const items = resources.flatMap((resource) =>
    paidParts(resource, onDoks).map(({ id, what, each, min, max }) => ({
      ...{ urn: resource.urn, part: id, system: systemOf(resource, all), what },
      monthly: each === undefined ? undefined : { min: each * min, max: each * max },
    })),
  );
  const buckets = resources.filter((one) => kindOf(one) === "SpacesBucket").length;
  if (buckets > 0) {
    const monthly = { min: prices.spaces, max: prices.spaces };
    const what = `Spaces, once for all buckets (here ${buckets})`;
    items.push({ urn: "account", part: "spaces", system: "account", what, monthly });
  }
  return {
    asOf: prices.asOf,
    ...(given !== undefined && { others: given.what }),
    items: items.toSorted(
      (a, b) =>
        a.system.localeCompare(b.system) ||
        (b.monthly?.min ?? Infinity) - (a.monthly?.min ?? Infinity) ||
        a.what.localeCompare(b.what),
    ),
  };
}

/** Sum of the items that have a price, and the number of those that have none. */
export function total(items: readonly CostItem[]): Total {
  const sum = (end: keyof Monthly) => items.reduce((all, { monthly }) => all + (monthly?.[end] ?? 0), 0);
  return { min: sum("min"), max: sum("max"), unpriced: items.filter(({ monthly }) => monthly === undefined).length };
}

/**
 * Paid parts that are new, removed, cheaper or dearer. A part without a known price is among them if its text changed.
 *
 * @param renamed from the old to the new URN of each renamed resource
 */
export function costChanges(before: Cost, after: Cost, renamed: ReadonlyMap<string, string> = new Map()): CostChange[] {
  const key = ({ urn, part }: CostItem) => `${renamed.get(urn) ?? urn} ${part}`;
  const had = new Map(before.items.map((item) => [key(item), item]));
  const has = new Map(after.items.map((item) => [key(item), item]));
  return [...new Set([...had.keys(), ...has.keys()])].toSorted().flatMap((one): CostChange[] => {
    const [was, is] = [had.get(one), has.get(one)];
    return sameAmount(was, is) ? [] : [{ before: was, after: is }];
  });
}

function sameAmount(was: CostItem | undefined, is: CostItem | undefined): boolean {
  if (was === undefined || is === undefined) return false;
  if (was.monthly === undefined || is.monthly === undefined) return was.what === is.what;
  return was.monthly.min === is.monthly.min && was.monthly.max === is.monthly.max;
}

/** By how much the whole cost changes; undefined if a changed part has no known price. */
export function costDifference(changes: readonly CostChange[]): Monthly | undefined {
  const sides = changes.flatMap(({ before, after }) => [before, after]).filter((item) => item !== undefined);
  if (sides.some(({ monthly }) => monthly === undefined)) return undefined;
  const sum = (end: keyof Monthly) =>
    changes.reduce((all, { before, after }) => all + (after?.monthly?.[end] ?? 0) - (before?.monthly?.[end] ?? 0), 0);
  return { min: sum("min"), max: sum("max") };
}

/** An amount as text: `$ 1,012.60`, or `$ 1,012.60 to 2,400.00` if it depends on autoscaling. */
export function money({ min, max }: Monthly): string {
  return min === max ? `$ ${amount(min)}` : `$ ${amount(min)} to ${amount(max)}`;
}

/** The sum of items as text, which says if it is incomplete: `$ 659.55 and 1 without a known price`. */
export function sumOf(items: readonly CostItem[]): string {
  const { unpriced, ...sum } = total(items);
  return unpriced === 0 ? money(sum) : `${money(sum)} and ${unpriced} without a known price`;
}

/** The change of the whole cost as text: `+ $ 24.00`, `- $ 3.50 to + $ 12.00`, `unchanged`. */
export function changeOf(changes: readonly CostChange[]): string {
  if (changes.length === 0) return "unchanged";
  const difference = costDifference(changes);
  if (difference === undefined) return "changed by what has no known price";
  const signed = (value: number) => `${value < 0 ? "-" : "+"} $ ${amount(Math.abs(value))}`;
  const [min, max] = [signed(difference.min), signed(difference.max)];
  return min === max ? min : `${min} to ${max}`;
}

/** One change as text: `pool general: 4 to 40 × s-4vcpu-8gb: $ 192.00 to 1,536.00 → $ 192.00 to 1,920.00`. */
export function changeLine({ before, after }: CostChange): string {
  const side = (item: CostItem | undefined) => {
    if (item === undefined) return "nothing";
    return item.monthly === undefined ? "no price known" : money(item.monthly);
  };
  return `${(after ?? before)?.what ?? ""}: ${side(before)} → ${side(after)}`;
}

function amount(value: number): string {
  return value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
