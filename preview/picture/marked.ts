/** The picture of a change: what is in the stack after it, and what goes with it, each marked with what happens to it. Pure. */
import { kindOf, type Resource } from "../../graph/resource.ts";
import { byUrn } from "../../graph/stack.ts";
import type { Change } from "../review/change.ts";
import { renamed } from "../review/difference.ts";
import type { Review } from "../review/review.ts";
import { picture, type Picture, type PictureEdge, type PictureNode } from "./picture.ts";

/** What happens to a box or an arrow. */
export type Mark = Change["operation"];

export interface MarkedNode extends PictureNode {
  readonly mark?: Mark;
}

export interface MarkedEdge extends PictureEdge {
  readonly mark?: "create" | "delete";
}

/** A picture whose boxes and arrows may be marked. Arrows lead to boxes that the picture has. */
export interface MarkedPicture {
  readonly nodes: readonly MarkedNode[];
  readonly edges: readonly MarkedEdge[];
}

/** The picture of a stack; if it is compared with another commit, that of both. */
export function markedPicture({ resources, change }: Pick<Review, "resources" | "change">): MarkedPicture {
  const now = picture(resources);
  if (change === undefined) return now;
  const was = moved(picture(change.base.resources), renamed(change.base.resources, resources));
  const marks = operations(change.changes, [...resources, ...change.base.resources], [...now.nodes, ...was.nodes]);
  const [had, has] = [was, now].map(({ nodes }) => new Set(nodes.map(({ id }) => id)));
  const nodes = [
    ...now.nodes.map((node): MarkedNode => {
      // What is outside appears and goes with the arrows to it.
      const mark = node.system !== undefined && had?.has(node.id) === false ? "create" : marks.get(node.id);
      return mark === undefined ? node : { ...node, mark };
    }),
    ...was.nodes.filter(({ id }) => has?.has(id) === false).map((node): MarkedNode => ({ ...node, mark: "delete" })),
  ];
  return { nodes, edges: markedEdges(was, now, change.base.resources) };
}

function markedEdges(was: Picture, now: Picture, before: readonly Resource[]): MarkedEdge[] {
  const key = ({ from, to }: PictureEdge) => `${from} ${to}`;
  const [had, has] = [was, now].map(({ edges }) => new Set(edges.map(key)));
  // The preview of an old commit does not tell connections: then they are not new.
  const told = before.some(({ connectsTo }) => connectsTo.length > 0);
  return [
    ...now.edges.map((edge): MarkedEdge => (!told || had?.has(key(edge)) ? edge : { ...edge, mark: "create" })),
    ...was.edges
      .filter((edge) => has?.has(key(edge)) === false)
      .map((edge): MarkedEdge => ({ ...edge, mark: "delete" })),
  ];
}

/** A picture with the ids that renamed resources have now. */
function moved({ nodes, edges }: Picture, names: ReadonlyMap<string, string>): Picture {
  const now = (id: string) => names.get(id) ?? id;
  return {
    nodes: nodes.map((node) => ({ ...node, id: now(node.id) })),
    edges: edges.map((edge) => ({ ...edge, from: now(edge.from), to: now(edge.to) })),
  };
}

/** What happens to each box: to its resource, or to any that belongs to it. */
function operations(
  changes: readonly Change[],
  resources: readonly Resource[],
  nodes: readonly PictureNode[],
): Map<string, Mark> {
  const all = byUrn(resources);
  const drawn = new Set(nodes.map(({ id }) => id));
  const owner = (urn: string | undefined): string | undefined =>
    urn === undefined || drawn.has(urn) ? urn : owner(all.get(urn)?.parent);
  const found = Map.groupBy(
    changes.filter(({ resource }) => owner(resource.urn) !== undefined),
    ({ resource }) => owner(resource.urn) ?? "",
  );
  return new Map([...found].map(([id, own]) => [id, together(own)]));
}

/** What happens to something whose parts change: it is replaced if a part is, and updated if a part comes or goes. */
function together(changes: readonly Change[]): Mark {
  // A changed Job is always replaced, so that it runs again.
  const kinds = new Set(changes.map(({ operation, resource }) => (kindOf(resource) === "Job" ? "update" : operation)));
  if (kinds.has("replace")) return "replace";
  const [only = "update"] = kinds;
  return kinds.size > 1 || only === "create" || only === "delete" ? "update" : only;
}
