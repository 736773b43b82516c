/** Finds the settings that a path means: a whole one, one through a map, or only the end of one. Pure. */
import { mostAlike, nearest } from "../../settings/reading/nearest.ts";
import { project } from "../../settings/reading/keys.ts";
import { stepsOf } from "../../settings/reading/paths.ts";
import { idOf, type SettingRow } from "../generate/settings-reference.ts";

/** One step of a row's path. */
interface Token {
  /** Name of the setting; `*` for an entry of any name. */
  readonly name: string;
  /** The names that such an entry may have; undefined where any will do. */
  readonly among?: readonly string[];
  /** Kind that the setting must have, for what is below; undefined where any will do. */
  readonly kind: string | undefined;
}

/** A row of the reference, at the place that was asked for. */
export interface Found {
  readonly row: SettingRow;
  /** The steps, with names in the place of `*` where the path gave them: `["gx", "workloads", "svc-identity", "tag"]`. */
  readonly steps: readonly string[];
  /** By the number of steps, the kind that the setting there must have: `{ 2: "managed" }` for `gx.database[managed].size`. */
  readonly kinds: Readonly<Record<number, string>>;
}

/** What a path leads to. */
export interface Findings {
  /** The rows at this very path: several, if it depends on a kind. */
  readonly exact: readonly Found[];
  /** Rows with different paths that end so; empty if there are exact ones, or one that ends so. */
  readonly ending: readonly Found[];
  /** Paths that are alike; empty if anything was found. */
  readonly alike: readonly string[];
}

/** Looks a path up: `gx.database.size`, `doks-systems:gx.database[managed].size`, `imageTag`. */
export function find(typed: string, rows: readonly SettingRow[]): Findings {
  const { steps, kinds } = parts(typed);
  const places = rows.flatMap((row) => patternsOf(row, rows).map((tokens) => ({ row, tokens })));
  const wanted = (tokens: readonly Token[]) => kinds.every((kind) => tokens.some((token) => token.kind === kind));
  const exact = places.filter(
    ({ tokens }) => tokens.length === steps.length && matches(tokens, steps) && wanted(tokens),
  );
  if (exact.length > 0)
    return { exact: exact.map(({ row, tokens }) => found(row, tokens, steps)), ending: [], alike: [] };
  const ending = places
    .filter(({ tokens }) => tokens.length > steps.length && endsWith(tokens, steps) && wanted(tokens))
    .map(({ row, tokens }) => found(row, tokens, steps));
  const paths = unique(ending);
  if (paths.length > 1) return { exact: [], ending: paths, alike: [] };
  const [only] = paths;
  const alike =
    only === undefined
      ? alikeOf(
          steps,
          places.map(({ tokens }) => textOf(tokens)),
        )
      : [];
  // One path, though it may depend on kinds.
  return { exact: only === undefined || isOpen(only) ? paths : ending, ending: [], alike };
}

/** Each path once: kinds may have a setting in common, and what a workload takes is the same in every system. */
function unique(all: readonly Found[]): Found[] {
  const paths = new Map(all.map((one) => [isOpen(one) ? idOf(one.row) : pathOf(one), one]));
  return [...paths.values()].map((one) => (isOpen(one) ? { ...one, steps: ["<system>", ...one.steps.slice(1)] } : one));
}

/** Whether it is a setting of whichever workload. */
function isOpen({ row, steps }: Found): boolean {
  return (row.group === "workloads" || row.group === "probe") && steps[2] === "*";
}

/** The settings directly below a path. */
export function below(of: Found, rows: readonly SettingRow[]): SettingRow[] {
  const depth = of.row.path === "" ? 0 : tokensOf(of.row.path).length;
  return rows.filter(({ group, path }) => {
    const tokens = tokensOf(path);
    const inside = group === of.row.group && (of.row.path === "" || path.startsWith(of.row.path));
    return inside && tokens.length === depth + 1 && path !== of.row.path;
  });
}

/** The groups of settings themselves, which have no row: what a stack file has below `config`. */
export function groupsOf(rows: readonly SettingRow[]): string[] {
  return [...new Set(rows.map(({ group }) => group))].filter((group) => group !== "workloads" && group !== "probe");
}

/** Path of what was found, as people type it. */
export function pathOf({ steps }: Pick<Found, "steps">): string {
  return steps.map((step) => (step === "*" ? "<name>" : step)).join(".");
}

function parts(typed: string): { steps: string[]; kinds: string[] } {
  const kinds = [...typed.matchAll(/\[([a-z][a-z0-9-]*)\]/g)].map(([, kind = ""]) => kind);
  const plain = typed.replaceAll(/\[[a-z][a-z0-9-]*\]/g, "").replace(new RegExp(`^${project}:`), "");
  return { steps: stepsOf(plain), kinds };
}

function tokensOf(path: string): Token[] {
  return path.split(".").map((step) => {
    const [, name = "", kind] = /^([^[]*)(?:\[(.*)\])?$/.exec(step) ?? [];
    return { name, kind };
  });
}

const handlers = ["startup", "readiness", "liveness"];

/** Where a row stands in a stack file: what every workload takes, in each system. */
function patternsOf(row: SettingRow, rows: readonly SettingRow[]): Token[][] {
  const own = tokensOf(row.path);
  const plain = (name: string): Token => ({ name, kind: undefined });
  if (row.group !== "workloads" && row.group !== "probe") return [[plain(row.group), ...own]];
  const systems = rows.filter(({ path }) => path === "workloads");
  const above = systems.map(({ group, form }): Token[] => {
    // The form of `workloads` lists them: "by name of the workload, of `svc-identity`, …".
    const among = [...form.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
    return [plain(group), plain("workloads"), { name: "*", kind: undefined, among }];
  });
  if (row.group === "workloads") return above.map((start) => [...start, ...own]);
  return above.flatMap((start) => handlers.map((one) => [...start, plain("probes"), plain(one), ...own]));
}

function matches(tokens: readonly Token[], steps: readonly string[]): boolean {
  return tokens.every(({ name, among }, i) =>
    name === "*" ? among?.includes(steps[i] ?? "") !== false : name === steps[i],
  );
}

function endsWith(tokens: readonly Token[], steps: readonly string[]): boolean {
  const tail = tokens.slice(-steps.length);
  // An entry of any name would be the beginning of everything.
  const [first] = tail;
  return (first?.name !== "*" || first.among !== undefined) && matches(tail, steps);
}

function found(row: SettingRow, tokens: readonly Token[], steps: readonly string[]): Found {
  const kinds = Object.fromEntries(tokens.flatMap(({ kind }, i) => (kind === undefined ? [] : [[i + 1, kind]])));
  const before = tokens.length - steps.length;
  return { row, steps: tokens.map(({ name }, i) => (name === "*" ? (steps[i - before] ?? name) : name)), kinds };
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ name }) => (name === "*" ? "<name>" : name)).join(".");
}

/** Whole paths that are alike, and those whose last step is. */
function alikeOf(steps: readonly string[], paths: readonly string[]): string[] {
  const all = [...new Set(paths)];
  const whole = nearest(steps.join("."), all);
  const last = nearest(steps.at(-1) ?? "", [...new Set(all.map((path) => path.split(".").at(-1) ?? ""))]);
  const named = all.filter((path) => path.split(".").at(-1) === last && path.startsWith(`${steps[0] ?? ""}.`));
  return [...new Set([...(whole === undefined ? [] : [whole]), ...mostAlike(steps.join("."), named)])].slice(0, 5);
}
