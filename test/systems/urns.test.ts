/** The URNs of the stack files. To the engine a resource is its URN: one with another URN is a new resource. */
import { readFileSync } from "node:fs";
import { closest } from "fastest-levenshtein";
import { beforeAll, it } from "vitest";
import { resourceOf, type Resource } from "../../graph/resource.ts";
import { render } from "../../graph/render/render.ts";
import { renamed } from "../../preview/review/difference.ts";
import { expectKeptFile } from "../support/kept-files.ts";

const stacks = ["prod", "staging", "local"];
const kept = "test/systems/rendered/urns.txt";
/** Whatever its stack, a URN here begins like this. */
const prefix = "urn:pulumi:stack::doks-systems::";

let resources: Map<string, Resource[]>;
beforeAll(async () => {
  resources = new Map();
  for (const stack of stacks) resources.set(stack, withoutStack((await render(stack)).resources, stack));
});

it("a resource whose URN changes has an alias to the old one", () => {
  expectKeptFile(kept, urnList(resources), toBeDone(readUrnList()));
});

/** URNs that name no stack, aliases included. */
function withoutStack(all: readonly Resource[], stack: string): Resource[] {
  const brief = all.map(({ urn, type, name, parent, aliases }) => ({ urn, type, name, parent, aliases }));
  const text = JSON.stringify(brief).replaceAll(`urn:pulumi:${stack}::doks-systems::`, prefix);
  return (JSON.parse(text) as Parameters<typeof resourceOf>[0][]).map(resourceOf);
}

/** A line for each URN: types of its components and its own, its name, and the stacks that have it. */
function urnList(byStack: ReadonlyMap<string, readonly Resource[]>): string {
  const urns = new Set([...byStack.values()].flat().map(({ urn }) => urn));
  const having = (urn: string) => stacks.filter((stack) => byStack.get(stack)?.some((one) => one.urn === urn));
  const lines = [...urns].map((urn) => `${brief(urn)}  ${having(urn).join(" ")}`);
  return `${lines.toSorted().join("\n")}\n`;
}

/** `hermes:Hermes$kubernetes:core/v1:Secret hermes-secrets` */
function brief(urn: string): string {
  return urn.slice(prefix.length).replaceAll("doks-systems:", "").replace("::", " ");
}

/** The URNs of each stack, as the list has them. */
function readUrnList(): Map<string, Resource[]> {
  const rows = readFileSync(kept, "utf8").trimEnd().split("\n");
  const all = rows.map((row) => {
    const [types = "", name = "", ...having] = row.split(/ +/);
    // A component's type has no provider before it.
    const full = types.split("$").map((type) => (type.split(":").length === 2 ? `doks-systems:${type}` : type));
    return {
      having,
      resource: resourceOf({ urn: `${prefix}${full.join("$")}::${name}`, type: full.at(-1) ?? "", name }),
    };
  });
  return new Map(
    stacks.map((stack) => [stack, all.filter(({ having }) => having.includes(stack)).map(({ resource }) => resource)]),
  );
}

/** What to do about the URNs that the list has and a stack has no longer; empty without one. */
function toBeDone(before: ReadonlyMap<string, readonly Resource[]>): string {
  const lost = stacks.flatMap((stack) => {
    const [old = [], now = []] = [before.get(stack), resources.get(stack)];
    const had = new Set(old.map(({ urn }) => urn));
    const has = new Set(now.map(({ urn }) => urn));
    const aliased = renamed(old, now);
    const known = new Set([...had, ...aliased.values()]);
    const created = [...has].filter((urn) => !known.has(urn)).map(brief);
    return [...had]
      .filter((urn) => !has.has(urn) && !aliased.has(urn))
      .map(
        (urn) => `- ${brief(urn)}${created.length === 0 ? "" : `\n    perhaps now ${closest(brief(urn), created)}`}`,
      );
  });
  if (lost.length === 0) return "";
  return [
    "these URNs are gone, and nothing has an alias to them:",
    ...new Set(lost),
    "An update deletes each, and makes what has another URN now as a new resource. What is only called otherwise, or moved,",
    "needs `aliases: [{ … }]` in its options, with the name, type or parent it had. What is to go needs none;",
    "",
  ].join("\n");
}
