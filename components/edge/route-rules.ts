/**
 * Plans the rules of an HTTPRoute, in the order in which a proxy tries them. Pure.
 *
 * Envoy Gateway attaches policies to whole rules, so a path has one rule for each way in which its requests are
 * treated. Of two rules for one path, the one with more header matches wins, then the earlier one (Gateway API,
 * HTTPRouteRule).
 */
import type { RouteArgs, RouteGroup, RouteRule } from "./route-args.ts";

/** One rule of an HTTPRoute that leads to a workload: the requests to some paths that are treated in one way. */
export interface Variant {
  /** Name of the rule, by which policies refer to it: group, path, treatment, such as `paving-graphql-websocket`. */
  readonly name: string;
  /** Suffix of the name of the rule's policy, such as `graphql-websocket`; unique in the group. */
  readonly part: string;
  /** Path prefixes; a request to any of them matches. */
  readonly paths: readonly string[];
  /** Workload that gets the requests. */
  readonly to: RouteRule["to"];
  /** Header matches that a request must all fulfil; empty for none. */
  readonly headers: readonly HeaderMatch[];
  /** Whether these requests become WebSockets: the proxy then upgrades them, and sets no time-out on the request. */
  readonly webSocket: boolean;
  /** Header whose value decides which pod gets a request; `:path` for the path; undefined to spread evenly. */
  readonly hashBy: string | undefined;
  /**
   * Whether the proxy holds a body back until it is complete, and refuses it once it is too large. Needed for requests
   * that do not declare the size of their body.
   */
  readonly buffered: boolean;
}

interface HeaderMatch {
  readonly type: "RegularExpression";
  readonly name: string;
  readonly value: string;
}

/** The rules of one group of hosts, in the order `first`, `tooLarge`, `then`. */
export interface RulePlan {
  /** Rules for WebSockets, and for requests that declare a body within the limit. */
  readonly first: readonly Variant[];
  /** Matches of the rule that refuses requests: those that declare a body, and that no rule in `first` took. */
  readonly tooLarge: readonly { readonly path: string; readonly headers: readonly HeaderMatch[] }[];
  /** Rules for the remaining requests, which declare no body. */
  readonly then: readonly Variant[];
}

const mebibyte = 1024 ** 2;

/**
 * Matches any `Content-Length` but 0: a request without a body, such as one that asks for a WebSocket, may declare
 * length 0.
 */
const positiveNumber = "0*[1-9][0-9]*";

/** Plans the rules for one group of hosts. Pure. */
export function planRules(group: RouteGroup, { maxBodyMiB }: Pick<RouteArgs, "maxBodyMiB">): RulePlan {
  const upgrade = matching("upgrade", "(?i)websocket");
  const fits = matching("content-length", numberUpTo(maxBodyMiB * mebibyte));
  const withSockets = group.rules.filter(({ webSockets }) => webSockets === true);
  return {
    first: [
      ...withSockets.flatMap((rule) => variants(group, [rule], "websocket", [upgrade])),
      // Paths to the same workload share a rule, because an HTTPRoute takes at most 16.
      ...alike(group.rules).flatMap((rules) => variants(group, rules, "sized", [fits])),
    ],
    tooLarge: group.rules.map(({ path }) => ({ path, headers: [matching("content-length", positiveNumber)] })),
    then: group.rules.flatMap((rule) => variants(group, [rule], "held", [])),
  };
}

/**
 * The rules for requests that are treated in one way: one rule, or two if the pod is chosen by a header. Envoy Gateway has no
 * fallback for requests without that header, so they get a rule of their own that chooses by path.
 */
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
  const kindSuffixes = kind === "held" ? [] : [kind];
  if (hashHeader === undefined) return [variant(kindSuffixes, [], undefined)];
  return [
    variant([...kindSuffixes, "keyed"], [matching(hashHeader, ".+")], hashHeader),
    variant(kindSuffixes, [], ":path"),
  ];
}

/** Groups rules that differ in nothing but their path. */
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

/** A regular expression that matches the decimal numbers from 1 to `most`, with or without leading zeros. Pure. */
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
 * A regular expression for a path with any number of slashes between its segments. It must be used case-insensitively:
 * routers of applications may take `//METRICS` for `/metrics`, and the proxy passes paths on unchanged. Pure.
 */
export function anySpelling(path: string): string {
  const segments = path.split("/").filter((segment) => segment !== "");
  return segments.map((segment) => `/+${segment.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}`).join("");
}
