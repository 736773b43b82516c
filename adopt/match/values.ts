/** Compares what the program sets with what a cluster has, as the API server understands it. Pure. */
import { sameQuantity } from "../../catalogue/quantity.ts";
import { mask } from "../../graph/masking.ts";
import { isGroup } from "../../settings/reading/group.ts";

/**
 * The part of a live value that a desired one speaks of. Where both mean the same it has the desired writing: the API server
 * writes quantities in its own way, and leaves out what is empty.
 *
 * @returns undefined if nothing of it is there
 */
export function restricted(desired: unknown, live: unknown): unknown {
  if (live === undefined || live === null) return isEmpty(desired) ? desired : undefined;
  if (desired === mask) return mask;
  if (Array.isArray(desired) && Array.isArray(live)) return restrictedList(desired, live);
  if (isGroup(desired) && isGroup(live)) {
    const entries = Object.entries(desired).map(([key, value]) => [key, restricted(value, live[key])] as const);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  }
  return isEqual(desired, live) ? desired : live;
}

/** Of a list whose items have keys, the desired items; any other list is replaced as a whole, so all of it. */
function restrictedList(desired: readonly unknown[], live: readonly unknown[]): unknown[] {
  if (!isKeyed([...desired, ...live]))
    return live.map((item, i) => (i < desired.length ? restricted(desired[i], item) : item));
  return desired.flatMap((item) => {
    const found = live.find((one) => isSameItem(item, one));
    return found === undefined ? [] : [restricted(item, found)];
  });
}

/** Two parts of one live value together. */
export function union(one: unknown, other: unknown): unknown {
  if (one === undefined) return other;
  if (isGroup(one) && isGroup(other)) {
    const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    return Object.fromEntries(keys.map((key) => [key, union(one[key], other[key])]));
  }
  return Array.isArray(one) && Array.isArray(other) ? unionOfLists(one, other) : one;
}

function unionOfLists(one: readonly unknown[], other: readonly unknown[]): unknown[] {
  if (!isKeyed([...one, ...other]))
    return Array.from({ length: Math.max(one.length, other.length) }, (_, i) => union(one[i], other[i]));
  const same = (list: readonly unknown[], item: unknown) => list.find((again) => isSameItem(item, again));
  return [
    ...one.map((item) => union(item, same(other, item))),
    ...other.filter((item) => same(one, item) === undefined),
  ];
}

/**
 * Fields that tell the items of Kubernetes' lists apart, in the order in which they are looked for; of ports the protocol is another
 * one. Source: Kubernetes' OpenAPI document, `x-kubernetes-list-map-keys`.
 */
const itemKeys = ["mountPath", "devicePath", "name", "containerPort", "port", "topologyKey", "ip", "uid"] as const;

/** Whether every item of a list has a key. */
function isKeyed(items: readonly unknown[]): boolean {
  return items.every((item) => isGroup(item) && itemKeys.some((key) => key in item));
}

/** Whether two items of a list are the same item, though perhaps with other values. */
export function isSameItem(one: unknown, other: unknown): boolean {
  if (!isGroup(one) || !isGroup(other)) return one === other;
  const key = itemKeys.find((name) => name in one && name in other);
  return key !== undefined && one[key] === other[key] && protocolOf(one) === protocolOf(other);
}

function protocolOf(item: Readonly<Record<string, unknown>>): unknown {
  return "port" in item || "containerPort" in item ? (item["protocol"] ?? "TCP") : undefined;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isGroup(value) && Object.values(value).every(isEmpty);
}

function isEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (isGroup(one) || isGroup(other) || Array.isArray(one) || Array.isArray(other)) return false;
  return String(one) === String(other) || sameQuantity(one, other);
}
