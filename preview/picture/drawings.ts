/**
 * The pictures of a stack: one of all systems, and one for each. A single drawing of everything would have to be shrunk
 * until nobody can read it. Pure.
 */
import type { Arrow, Box, Drawing } from "./drawing.ts";
import { internet, type PictureEdge } from "./picture.ts";
import type { MarkedEdge, MarkedNode, MarkedPicture } from "./marked.ts";

/** Most names in a box, and most characters of a line of them. */
const mostNames = 4;
const longestLine = 30;

/** Address of an object, and of a system's picture, on the page. */
export interface Addresses {
  readonly object: (urn: string) => string;
  readonly system: (name: string) => string;
}

/** Anchor of a system's picture: `picture-bow-mark`. */
export function anchorOf(system: string): string {
  return `picture-${system}`;
}

/** The overview first, then each system, in the order of names. */
export function drawings(picture: MarkedPicture, addresses: Addresses): Drawing[] {
  const nodes = new Map(picture.nodes.map((node) => [node.id, node]));
  const systems = [...Map.groupBy(picture.nodes, ({ system }) => system)]
    .filter((entry): entry is [string, MarkedNode[]] => entry[0] !== undefined && entry[1].some(isOfSystem))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const bySystem = new Map<string, MarkedEdge[]>();
  for (const edge of picture.edges) {
    const ends = [edge.from, edge.to]
      .map((id) => nodes.get(id))
      .filter((node) => node !== undefined && isOfSystem(node));
    for (const system of new Set(ends.map((node) => node?.system ?? "")))
      bySystem.set(system, [...(bySystem.get(system) ?? []), edge]);
  }
  return [
    overview(picture, systems, nodes, addresses),
    ...systems.map(([system]) => systemDrawing(system, bySystem.get(system) ?? [], nodes, systems, addresses)),
  ];
}

/** The edge is between the internet and all systems, so it belongs to none. */
function isOfSystem({ system, kind }: MarkedNode): boolean {
  return system !== undefined && kind !== "entrance";
}

function systemDrawing(
  system: string,
  edges: readonly MarkedEdge[],
  nodes: ReadonlyMap<string, MarkedNode>,
  systems: readonly (readonly [string, readonly MarkedNode[]])[],
  addresses: Addresses,
): Drawing {
  const own = systems.find(([name]) => name === system)?.[1] ?? [];
  const ends = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const others = [...ends].flatMap((id) => nodes.get(id) ?? []).filter((node) => node.system !== system);
  const fromInternet = others.filter(({ kind }) => kind === "entrance").map(({ id }) => entering(id));
  const around = fromInternet.length > 0 && !ends.has(internet) ? [nodes.get(internet)] : [];
  const ports = portsOf(edges);
  const boxes = [...own, ...others, ...around].flatMap((node) => (node === undefined ? [] : [node]));
  return {
    ...{ id: anchorOf(system), title: system, frame: system },
    boxes: boxes.map((node): Box => {
      const port = ports.get(node.id);
      return {
        ...boxOf(node, addresses),
        inside: node.system === system,
        lines: [[node.note, port === undefined ? "" : `port ${port}`].filter((part) => part !== "").join(" · ")].filter(
          (line) => line !== "",
        ),
      };
    }),
    arrows: [...fromInternet, ...edges.map(arrowOf)],
  };
}

function entering(edge: string): Arrow {
  return { from: internet, to: edge, isPublic: true };
}

function boxOf(node: MarkedNode, { object }: Addresses): Box {
  const { id, kind, title, note, holdsData, mark, system } = node;
  return {
    ...{ id, kind, title, holdsData, lines: note === "" ? [] : [note] },
    ...(mark !== undefined && { mark }),
    ...(system !== undefined && { href: object(id) }),
  };
}

function arrowOf({ from, to, isPublic, mark }: MarkedEdge): Arrow {
  return { from, to, isPublic, ...(mark !== undefined && { mark }) };
}

/** Ports at which each box is reached; written in the box, where they do not hide arrows. */
function portsOf(edges: readonly PictureEdge[]): Map<string, string> {
  const found = Map.groupBy(
    edges.filter(({ label }) => label !== ""),
    ({ to }) => to,
  );
  return new Map(
    [...found].map(([to, all]) => [to, [...new Set(all.flatMap(({ label }) => label.split(",")))].join(", ")]),
  );
}

function overview(
  { nodes, edges }: MarkedPicture,
  systems: readonly (readonly [string, readonly MarkedNode[]])[],
  all: ReadonlyMap<string, MarkedNode>,
  addresses: Addresses,
): Drawing {
  const shown = new Map<string, Box>();
  /** Id of the box in which each node is drawn. */
  const within = new Map<string, string>();
  const put = (box: Box, members: readonly MarkedNode[]) => {
    shown.set(box.id, box);
    for (const { id } of members) within.set(id, box.id);
  };
  for (const [system, own] of systems) {
    const buckets = own.filter(({ kind }) => kind === "bucket");
    const separate = own.filter(({ kind, title, note }) => kind === "database" || isBalancer({ kind, title, note }));
    const inside = own.filter((node) => !buckets.includes(node) && !separate.includes(node));
    put(systemBox(system, inside, own, addresses), inside);
    for (const node of separate) put(boxOf(node, addresses), [node]);
    const [only] = buckets;
    if (buckets.length === 1 && only !== undefined) put(boxOf(only, addresses), buckets);
    if (buckets.length > 1) put(bucketsBox(system, buckets, addresses), buckets);
  }
  const ports = portsOf(edges);
  for (const node of nodes.filter((one) => !isOfSystem(one))) {
    const port = node.system === undefined && node.id !== internet ? ports.get(node.id) : undefined;
    const box = boxOf(node, addresses);
    put({ ...box, lines: port === undefined ? box.lines : [`port ${port}`] }, [node]);
  }
  const arrows = new Map<string, Arrow[]>();
  for (const edge of edges) {
    const [from, to] = [within.get(edge.from), within.get(edge.to)];
    if (from === undefined || to === undefined || from === to) continue;
    const key = `${from} ${to}`;
    arrows.set(key, [...(arrows.get(key) ?? []), { ...arrowOf(edge), from, to }]);
  }
  return {
    ...{ id: anchorOf("overview"), title: "All systems" },
    boxes: [...shown.values()].filter(({ id, kind }) => kind !== "outside" || all.has(id)),
    arrows: [...arrows.values()].flatMap(merged),
  };
}

function isBalancer({ kind, note }: Pick<MarkedNode, "kind" | "title" | "note">): boolean {
  return kind === "route" && note === "load balancer";
}

/** Arrows between the same boxes as one: marked only if all are, public if one is. */
function merged(arrows: readonly Arrow[]): Arrow[] {
  const [first] = arrows;
  if (first === undefined) return [];
  const { from, to, mark } = first;
  return [
    {
      ...{ from, to, isPublic: arrows.some(({ isPublic }) => isPublic) },
      ...(mark !== undefined && arrows.every((one) => one.mark === mark) && { mark }),
    },
  ];
}

function systemBox(
  system: string,
  inside: readonly MarkedNode[],
  own: readonly MarkedNode[],
  addresses: Addresses,
): Box {
  const titles = (...kinds: readonly MarkedNode["kind"][]) =>
    inside.filter(({ kind }) => kinds.includes(kind)).flatMap(({ title }) => title.split("\n"));
  const stores = inside.filter(({ holdsData }) => holdsData).map(({ title }) => title);
  const workloads = inside.filter(({ kind }) => kind === "workload" || kind === "stateful");
  const tasks = inside.filter(({ kind }) => kind === "task").length;
  const sum = (end: "min" | "max") => workloads.reduce((all, { pods }) => all + (pods?.[end] ?? 0), 0);
  const [min, max] = [sum("min"), sum("max")];
  const mark = wholeMark(own);
  const hosts = titles("route");
  const withoutPrefix = (name: string) => (name.startsWith(`${system}-`) ? name.slice(system.length + 1) : name);
  return {
    ...{ id: `system ${system}`, kind: "system", title: system, holdsData: stores.length > 0 },
    lines: [
      ...names(hosts, "host"),
      `${count(workloads.length, "workload")}, ${min === max ? count(min, "pod") : `${min} to ${max} pods`}${tasks === 0 ? "" : `, ${count(tasks, "job")}`}`,
      ...(stores.length === 0 ? [] : ["data in the cluster:", ...names(stores.map(withoutPrefix), "store")]),
      ...changesLine(own),
    ],
    href: addresses.system(system),
    ...(mark !== undefined && { mark }),
  };
}

function bucketsBox(system: string, buckets: readonly MarkedNode[], addresses: Addresses): Box {
  const mark = wholeMark(buckets);
  return {
    ...{ id: `buckets ${system}`, kind: "bucket", title: count(buckets.length, "bucket"), holdsData: true },
    lines: names(
      buckets.map(({ title }) => title),
      "bucket",
    ),
    href: addresses.system(system),
    ...(mark !== undefined && { mark }),
  };
}

/** What happens to all together: if all come or go, they do; if any changes, they are updated. */
function wholeMark(nodes: readonly MarkedNode[]): Box["mark"] {
  const marks = new Set(nodes.map(({ mark }) => mark));
  const [only] = marks;
  if (marks.size === 1) return only;
  return marks.has("replace") ? "replace" : marks.size > 1 ? "update" : undefined;
}

/** `changes 4 of 19`; nothing where nothing or everything changes. */
function changesLine(nodes: readonly MarkedNode[]): string[] {
  const changed = nodes.filter(({ mark }) => mark !== undefined).length;
  return changed === 0 || changed === nodes.length ? [] : [`${changed} of ${nodes.length} change`];
}

/** Names in as few lines as they fit, the last of which says how many more there are. */
function names(all: readonly string[], what: string): string[] {
  const shown = all.length <= mostNames ? all : all.slice(0, mostNames - 1);
  const lines: string[] = [];
  for (const name of shown) {
    const last = lines.at(-1);
    if (last === undefined || last.length + name.length > longestLine) lines.push(name);
    else lines[lines.length - 1] = `${last}, ${name}`;
  }
  const more = all.length - shown.length;
  return more === 0 ? lines : [...lines, `and ${count(more, `more ${what}`)}`];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
