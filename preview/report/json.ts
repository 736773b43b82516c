/** What a preview gives to programs. `docs/reference/preview.schema.json` is made from these types. */
import type { Resource } from "../../graph/resource.ts";
import type { Change } from "../review/change.ts";
import type { Base, Review } from "../review/review.ts";

/** All that there is, by where it is found. */
export interface PreviewJson {
  /** What `--json` prints, and `resources.json`: the stack's resources, masked. */
  readonly resources: readonly Resource[];
  /** What `--json` prints with `--base`: the changes, the most dangerous first. */
  readonly changes: readonly Change[];
  /** `review.json`. */
  readonly review: ReviewJson;
}

/** The review, without the resources, which have a file of their own. */
export interface ReviewJson extends Omit<Review, "resources" | "change"> {
  /** No key if the stack is compared with nothing. */
  readonly change?: ChangeJson;
}

/** What changes. Of the other commit only its name, as its resources are those of its own preview. */
interface ChangeJson extends Omit<NonNullable<Review["change"]>, "base"> {
  readonly base: Pick<Base, "reference" | "commit">;
}

/** A review as `review.json` has it. */
export function reviewJson(whole: Review): ReviewJson {
  const { change, resources: _, ...review } = whole;
  if (change === undefined) return review;
  const { base, ...compared } = change;
  return { ...review, change: { ...compared, base: { reference: base.reference, ...commitOf(base) } } };
}

function commitOf({ commit }: Base): Pick<Base, "commit"> {
  return commit === undefined ? {} : { commit };
}
