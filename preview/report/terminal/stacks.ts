/** Two stacks side by side, as text for a terminal. */
import { styleText } from "node:util";
import { kindOf, label, nameOf, type Resource } from "../../../graph/resource.ts";
import { byUrn, systemOf, type ByUrn } from "../../../graph/stack.ts";
import type { Change, FieldChange } from "../../review/change.ts";
import type { SettingRow } from "../../stack-settings.ts";
import { valueOf } from "../words.ts";
import { tableLines } from "./sections.ts";

/** Two stacks, by their names. */
export type Names = readonly [first: string, other: string];

/** So many resources with the same difference share one line. */
const shared = 3;
const mostNamed = 8;

/** What people ask for first, in this order; everything else comes after. */
const first = [
  /(^|\.)(replicas|minReplicas|maxReplicas|nodeCount|minNodes|maxNodes|count)$/,
  /\.resources\.|(^|\.)size$|storage$/,
  /(^|\.)image$/,
  /host|dnsNames|domain|(^|\.)name$/i,
];

/** A table of settings, each with its value in both. */
export function settingLines(title: string, [one, two]: Names, rows: readonly SettingRow[]): string[] {
  if (rows.length === 0) return [`${styleText("bold", title)} the same in both`, ""];
  return [styleText("bold", title), ...table([one, two], rows), ""];
}

/** What the stacks render, by system: what only one has, then the fields that differ. */
export function stackLines([one, two]: Names, changes: readonly Change[], resources: readonly Resource[]): string[] {
  const all = byUrn(resources);
  const systems = [...Map.groupBy(changes, ({ resource }) => systemOf(resource, all))].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return systems.flatMap(([system, own]) => {
    const only = (operation: Change["operation"]) => own.filter((change) => change.operation === operation);
    const both = own.filter(({ fields }) => fields.length > 0);
    return [
      styleText("bold", system),
      ...onlyLines(one, only("delete")),
      ...onlyLines(two, only("create")),
      ...fieldLines([one, two], both, all),
      "",
    ];
  });
}

function onlyLines(stack: string, changes: readonly Change[]): string[] {
  if (changes.length === 0) return [];
  const kinds = Map.groupBy(changes, ({ resource }) => kindOf(resource));
  const lines = [...kinds].map(([kind, some]) => {
    const names = some.map(({ resource }) => shortName(resource));
    const more = names.length > mostNamed ? `, … ${names.length - mostNamed} more` : "";
    return `      ${kind} ${names.slice(0, mostNamed).join(", ")}${more}`;
  });
  return [`    ${styleText("yellow", `only in ${stack}`)}`, ...lines];
}

interface Row {
  readonly resource: Resource;
  readonly field: FieldChange;
  /** Text by which two differences are the same. */
  readonly key: string;
}

function fieldLines(names: Names, changes: readonly Change[], all: ByUrn): string[] {
  const rows = changes.flatMap(({ resource, fields }) =>
    fields.filter(isCause).map((field): Row => ({
      ...{ resource, field },
      key: [short(field.path), valueOf(field, "before"), valueOf(field, "after")].join(" "),
    })),
  );
  const alike = [...Map.groupBy(rows, ({ key }) => key).values()];
  const common = alike.filter((some) => some.length >= shared);
  const own = alike.filter((some) => some.length < shared).flat();
  const workloads = [...Map.groupBy(own, ({ resource }) => workloadOf(resource, all))];
  const found = [
    ...byImportance(common.flatMap((some) => some.slice(0, 1))).map(({ field, key }) => {
      const some = common.find(([row]) => row?.key === key) ?? [];
      return [`${short(field.path)}  (${some.length} resources)`, ...values(field)];
    }),
    ...workloads.flatMap(([workload, some]) => [
      [workload, "", ""],
      ...byImportance(some).map(({ resource, field }) => {
        const namesakes = some.filter((one) => kindOf(one.resource) === kindOf(resource));
        const isOnly = namesakes.every((one) => one.resource.urn === resource.urn);
        return [`  ${isOnly ? kindOf(resource) : label(resource)} ${short(field.path)}`, ...values(field)];
      }),
    ]),
  ];
  return found.length === 0 ? [] : table(names, found);
}

/** A checksum of a configuration differs because that does. */
function isCause({ path }: FieldChange): boolean {
  return !path.includes("annotations.checksum.");
}

function values(field: FieldChange): string[] {
  return [valueOf(field, "before"), valueOf(field, "after")].map((text) => text.replace(/^"(.*)"$/, "$1"));
}

const [widestName, widestValue] = [60, 36];

/** What the two have in each row. Of long values that begin alike, such as images, only the end is shown. */
function table(names: Names, rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map(([name = "", one = "", two = ""]) => {
    const begins = Math.max(one.length, two.length) > widestValue ? commonStart(one, two) : 0;
    return [
      name.length <= widestName ? name : `${name.slice(0, 30)}…${name.slice(31 - widestName)}`,
      ...[one, two].map((value) => cut(begins < 12 ? value : `…${value.slice(begins)}`)),
    ];
  });
  return tableLines({ head: ["", ...names], rows: cells });
}

function cut(text: string): string {
  return text.length <= widestValue ? text : `${text.slice(0, widestValue - 1)}…`;
}

/** How many characters two texts have in common at their beginning, up to the last that ends a word. */
function commonStart(one: string, two: string): number {
  let alike = 0;
  while (alike < one.length && one[alike] === two[alike]) alike += 1;
  return Math.max(one.slice(0, alike).search(/[:/@=, ][^:/@=, ]*$/), 0);
}

function byImportance(rows: readonly Row[]): Row[] {
  const rank = ({ field }: Row) => {
    const found = first.findIndex((pattern) => pattern.test(field.path));
    return found < 0 ? first.length : found;
  };
  return rows.toSorted((a, b) => rank(a) - rank(b));
}

/** Name of the component that a resource is a part of, as far as it says more than the system's. */
function workloadOf(resource: Resource, all: ByUrn): string {
  return all.get(resource.parent ?? "")?.name ?? resource.name;
}

function shortName(resource: Resource): string {
  return nameOf(resource).split("/").at(-1) ?? "";
}

/** A path without what every pod template has. */
function short(path: string): string {
  return path
    .replace(/^spec\.(jobTemplate\.spec\.)?template\.(spec\.)?/, "")
    .replace(/^(initC|c)ontainers\[([^\]]*)\]\./, "$2 ")
    .replace(/^metadata\.annotations\./, "");
}
