/**
 * What the rules of an HTTPRoute are, in the order in which they are asked. Pure.
 *
 * A path has several rules where its requests are treated differently, because Envoy Gateway attaches policies to whole
 * rules. Of two rules for one path the one with more header matches wins, then the earlier one (Gateway API, HTTPRouteRule).
 */
import type { RouteArgs, RouteGroup, RouteRule } from "./route-args.ts";

/** A rule that leads to a workload. */
export interface Variant {
  /** Section name; a DNS subdomain: `/graphql` → `paving-graphql`, `/` → `paving`. */
  readonly name: string;
  /** What its policy's name ends with; unique in the group. */
  readonly part: string;
  readonly paths: readonly string[];
  readonly to: RouteRule["to"];
  readonly headers: readonly HeaderMatch[];
  readonly webSocket: boolean;
  /** Header that its requests are told apart by. */
  readonly hashBy: string | undefined;
  /**
   * Whether the proxy holds a body until it is whole, to refuse one that is too large: only where a request does not say
   * how large it is.
   */
  readonly buffered: boolean;
}

interface HeaderMatch {
  readonly type: "RegularExpression";
  readonly name: string;
  readonly value: string;
}

export interface RulePlan {
  /** For each path, the requests that say that their body is too large. */
  readonly tooLarge: readonly { readonly path: string; readonly headers: readonly HeaderMatch[] }[];
  /** Asked before those. */
  readonly first: readonly Variant[];
  /** Asked after those. */
  readonly then: readonly Variant[];
}

const mebibyte = 1024 ** 2;

/** Without a body there is nothing to tell apart, and requests for a WebSocket may say so: a rule without a body limit takes any. */
const someNumber = "0*[1-9][0-9]*";

export function planRules(group: RouteGroup, { maxBodyMiB }: Pick<RouteArgs, "maxBodyMiB">): RulePlan {
  const upgrade = matching("upgrade", "(?i)websocket");
  const fits = matching("content-length", numberUpTo(maxBodyMiB * mebibyte));
  const withSockets = group.rules.filter(({ webSockets }) => webSockets === true);
  return {
    first: [
      ...withSockets.flatMap((rule) => variants(group, [rule], "websocket", [upgrade])),
      // Paths of one workload are treated alike, and an HTTPRoute takes 16 rules.
      ...alike(group.rules).flatMap((rules) => variants(group, rules, "sized", [fits])),
    ],
    tooLarge: group.rules.map(({ path }) => ({ path, headers: [matching("content-length", someNumber)] })),
    then: group.rules.flatMap((rule) => variants(group, [rule], "held", [])),
  };
}

/** Hashing combines headers and knows no "else", so requests with the header and without are rules of their own. */
function variants(
  group: RouteGroup,
  rules: readonly [RouteRule, ...RouteRule[]],
  kind: "websocket" | "sized" | "held",
  headers: HeaderMatch[],
): Variant[] {
  const [{ to, hashHeader }] = rules;
  const name = ruleName(group, rules[0]);
  const part = name === group.name ? "" : `${name.slice(group.name.length + 1)}-`;
  const variant = (suffixes: string[], also: HeaderMatch[], hashBy: string | undefined): Variant => {
    const suffix = suffixes.join("-");
    return {
      name: suffix === "" ? name : `${name}-${suffix}`,
      part: `${part}${suffix === "" ? "path" : suffix}`,
      paths: rules.map(({ path }) => path),
      to,
      headers: [...headers, ...also],
      webSocket: kind === "websocket",
      hashBy,
      buffered: kind === "held",
    };
  };
  const own = kind === "held" ? [] : [kind];
  if (hashHeader === undefined) return [variant(own, [], undefined)];
  return [variant([...own, "keyed"], [matching(hashHeader, ".+")], hashHeader), variant(own, [], ":path")];
}

/** Rules that differ by nothing but their path. */
function alike(rules: readonly RouteRule[]): [RouteRule, ...RouteRule[]][] {
  const groups: [RouteRule, ...RouteRule[]][] = [];
  for (const rule of rules) {
    const same = groups.find(([first]) => first.to === rule.to && first.hashHeader === rule.hashHeader);
    if (same === undefined) groups.push([rule]);
    else same.push(rule);
  }
  return groups;
}

function ruleName(group: RouteGroup, rule: RouteRule): string {
  const path = rule.path
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return path === "" ? group.name : `${group.name}-${path}`;
}

function matching(name: string, value: string): HeaderMatch {
  return { type: "RegularExpression", name, value };
}

/** A regular expression for the decimal numbers from 1 to this one, leading zeros included. Pure. */
export function numberUpTo(most: number): string {
  const digits = String(most);
  const smaller = Array.from(digits, (digit, i) => {
    const [least, below] = [i === 0 ? 1 : 0, Number(digit) - 1];
    const rest = digits.length - i - 1;
    const any = rest === 0 ? "" : `[0-9]{${rest}}`;
    return below < least ? [] : [`${digits.slice(0, i)}[${least}-${below}]${any}`];
  });
  const shorter = digits.length > 1 ? [`[1-9][0-9]{0,${digits.length - 2}}`] : [];
  return `0*(${[...shorter, ...smaller.flat(), digits].join("|")})`;
}

/**
 * A regular expression for a path and everything below it, however it is spelled: routers of applications take `/METRICS`
 * for `/metrics`, and the proxy no longer merges slashes. Pure.
 */
export function anySpelling(path: string): string {
  const segments = path.split("/").filter((segment) => segment !== "");
  return segments.map((segment) => `/+${segment.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}`).join("");
}
