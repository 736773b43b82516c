/**
 * What a stack costs a month, by resource, from a dated price table: list prices without tax. Traffic and storage above
 * what is included, and snapshots, depend on use and are not in it. Pure.
 */
import { kindOf } from "../../graph/resource.ts";
import prices from "../../catalogue/prices.json" with { type: "json" };
import type { Resource } from "../../graph/resource.ts";
import { byUrn, systemOf } from "../../graph/stack.ts";
import { paidParts } from "./priced.ts";

/** US dollars a month, with pools and autoscalers at their minimum and at their maximum. */
export interface Monthly {
  readonly min: number;
  readonly max: number;
}

export interface CostItem {
  /** The resource; `account` for what is paid once per team. */
  readonly urn: string;
  /** Tells the parts of one resource apart. */
  readonly part: string;
  readonly system: string;
  /** `pool general: 4 to 32 × s-4vcpu-8gb` */
  readonly what: string;
  /** Absent where the price table does not know it. */
  readonly monthly: Monthly | undefined;
}

export interface Cost {
  /** Date of the price table: `2026-11-21`. */
  readonly asOf: string;
  readonly items: readonly CostItem[];
}

/** A sum, and how many items it leaves out because they have no known price. */
export interface Total extends Monthly {
  readonly unpriced: number;
}

export interface CostChange {
  /** Absent where it comes new. */
  readonly before: CostItem | undefined;
  /** Absent where it goes. */
  readonly after: CostItem | undefined;
}

/** In the order of the systems' names, the most expensive first. */
export function cost(resources: readonly Resource[]): Cost {
  const all = byUrn(resources);
  const items = resources.flatMap((resource) =>
    paidParts(resource, resources).map(({ id, what, each, min, max }) => ({
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
    items: items.toSorted(
      (a, b) =>
        a.system.localeCompare(b.system) ||
        (b.monthly?.min ?? Infinity) - (a.monthly?.min ?? Infinity) ||
        a.what.localeCompare(b.what),
    ),
  };
}

/** Of what has a price, and how much has none. */
export function total(items: readonly CostItem[]): Total {
  const sum = (end: keyof Monthly) => items.reduce((all, { monthly }) => all + (monthly?.[end] ?? 0), 0);
  return { min: sum("min"), max: sum("max"), unpriced: items.filter(({ monthly }) => monthly === undefined).length };
}

/**
 * What became cheaper or dearer, came or went; what has no price, when it changed at all.
 *
 * @param renamed new URN of each resource that has another than before
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

/** What the whole costs more or less; undefined while something that changed has no price. */
export function costDifference(changes: readonly CostChange[]): Monthly | undefined {
  const sides = changes.flatMap(({ before, after }) => [before, after]).filter((item) => item !== undefined);
  if (sides.some(({ monthly }) => monthly === undefined)) return undefined;
  const sum = (end: keyof Monthly) =>
    changes.reduce((all, { before, after }) => all + (after?.monthly?.[end] ?? 0) - (before?.monthly?.[end] ?? 0), 0);
  return { min: sum("min"), max: sum("max") };
}

/** `$ 1,012.60`, or `$ 1,012.60 to 2,400.00` where autoscaling makes a difference. */
export function money({ min, max }: Monthly): string {
  return min === max ? `$ ${amount(min)}` : `$ ${amount(min)} to ${amount(max)}`;
}

/** The same, with what is missing in it: `$ 659.55 and 1 without a known price`. */
export function sumOf(items: readonly CostItem[]): string {
  const { unpriced, ...sum } = total(items);
  return unpriced === 0 ? money(sum) : `${money(sum)} and ${unpriced} without a known price`;
}

/** `+ $ 24.00`, `- $ 3.50 to + $ 12.00`, `unchanged` */
export function changeOf(changes: readonly CostChange[]): string {
  if (changes.length === 0) return "unchanged";
  const difference = costDifference(changes);
  if (difference === undefined) return "changed by what has no known price";
  const signed = (value: number) => `${value < 0 ? "-" : "+"} $ ${amount(Math.abs(value))}`;
  const [min, max] = [signed(difference.min), signed(difference.max)];
  return min === max ? min : `${min} to ${max}`;
}

/** `pool general: 4 to 40 × s-4vcpu-8gb: $ 192.00 to 1,536.00 → $ 192.00 to 1,920.00` */
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
