/** Something that a change protects less than before. */
import { kindOf, label, type Resource } from "../../../graph/resource.ts";
import { podsOf, type Pods } from "../../../graph/pods.ts";
import { byUrn, Stack, type ByUrn } from "../../../graph/stack.ts";
import type { Change } from "../change.ts";
import type { Danger } from "../danger.ts";
import { renamed } from "../difference.ts";

/** A loss of protection. */
export interface Loss extends Pick<Danger, "level" | "setting" | "fix" | "page"> {
  readonly urn: string;
  /** Kind and name: `StatefulSet bow-mark/postgres`. */
  readonly resource: string;
  /** What happens, as the rest of a sentence that begins with the resource: `keeps no versions any more`. */
  readonly text: string;
  /** What that means, in plain words: `what is overwritten or deleted by mistake is gone`. */
  readonly meaning: string;
  /** What it was: `30 days`. */
  readonly was: string;
  /** What it is then: `7 days`. */
  readonly is: string;
}

/** A resource of both revisions. */
export interface Pair {
  readonly old: Resource;
  readonly now: Resource;
}

/** Both revisions of a stack, and what of them belongs together. */
export class Revisions {
  readonly before: Stack;
  readonly after: Stack;
  readonly allBefore: ByUrn;
  readonly allAfter: ByUrn;
  /** Resources of both revisions, those of another name among them. */
  readonly pairs: readonly Pair[];
  /** Resources that only the old revision has. */
  readonly gone: readonly Resource[];
  readonly changes: readonly Change[];
  readonly podsBefore: readonly Pods[];
  readonly podsAfter: readonly Pods[];
  readonly #next: ReadonlyMap<string, string>;

  constructor(before: readonly Resource[], after: readonly Resource[], changes: readonly Change[]) {
    this.before = new Stack(before);
    this.after = new Stack(after);
    this.allBefore = byUrn(before);
    this.allAfter = byUrn(after);
    this.changes = changes;
    this.podsBefore = podsOf(before);
    this.podsAfter = podsOf(after);
    const aliases = renamed(before, after);
    this.#next = new Map(before.map(({ urn }) => [urn, aliases.get(urn) ?? urn]));
    const next = before.map((old) => ({ old, now: this.nowOf(old) }));
    this.pairs = next.flatMap(({ old, now }) => (now === undefined ? [] : [{ old, now }]));
    this.gone = next.flatMap(({ old, now }) => (now === undefined ? [old] : []));
  }

  /** The new revision of a resource; undefined if it is gone. */
  nowOf({ urn }: Pick<Resource, "urn">): Resource | undefined {
    return this.allAfter.get(this.#next.get(urn) ?? urn);
  }

  /** Pairs of some kinds. */
  of(...kinds: readonly string[]): Pair[] {
    return this.pairs.filter(({ now }) => kinds.includes(kindOf(now)));
  }

  /** Pods of both revisions, with what they were. */
  get pods(): readonly { readonly old: Pods; readonly now: Pods }[] {
    const now = new Map(this.podsAfter.map((pods) => [pods.owner.urn, pods]));
    return this.podsBefore.flatMap((old) => {
      const next = now.get(this.#next.get(old.owner.urn) ?? old.owner.urn);
      return next === undefined ? [] : [{ old, now: next }];
    });
  }
}

/** A loss with the two fields that name its resource. */
export function loss(resource: Resource, rest: Omit<Loss, "urn" | "resource">): Loss {
  return { urn: resource.urn, resource: label(resource), ...rest };
}
