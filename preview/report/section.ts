/**
 * A section of the review in a form that has no medium yet: the terminal, the comment on a pull request and the page
 * each show it in their own way. Pure data.
 */

/** How good or bad something is; `faint` for what is only there to be complete. */
export type Tone = "good" | "warn" | "bad" | "faint" | "plain";

/** A piece of text in a table. */
export interface Cell {
  readonly text: string;
  /** @default "plain" */
  readonly tone?: Tone;
  /** URN of the resource that the text names; the page links to it. */
  readonly urn?: string;
  /** Whether it is code: a value, a path, a command. @default false */
  readonly code?: boolean;
}

/** A table. A cell that is only text may be that text. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | Cell)[])[];
  /** Indices of the columns that hold amounts, which are aligned right. @default - none */
  readonly right?: readonly number[];
}

/** A finding or a remark. */
export interface Item {
  readonly tone: Tone;
  /** What kind of finding it is, shown in bold: the name of a rule, `problem`, `waived`. */
  readonly what?: string;
  /** The resource that it is about. */
  readonly resource?: { readonly urn: string; readonly label: string };
  /** A sentence without full stop; if there is a resource, the rest of one that begins with it. */
  readonly text: string;
  /** Whether the text is a command, or a piece of advice in its place. @default false */
  readonly code?: boolean;
  /** What to do about it. */
  readonly fix?: string;
  /** Setting to look at: `platform.pools.general.min`. The page links to its row in the reference. */
  readonly setting?: string;
  /** Page of the documentation that helps: `docs/runbooks/volumes.md`, `docs/reference/policies.md#volumes-retained`. */
  readonly page?: string;
}

/** A section. */
export interface Section {
  /** Anchor on the page: `exposure`. */
  readonly id: string;
  /** One or two words: `Exposure`. */
  readonly title: string;
  /** The result in one line, which every report shows even where the section itself is folded or left out. */
  readonly verdict: { readonly text: string; readonly tone: Tone };
  /** What the numbers mean, and of which date they are. @default - nothing to explain */
  readonly note?: string;
  /** The most serious first. */
  readonly items: readonly Item[];
  /** @default - no table */
  readonly table?: Table;
  /** Whether the table is only for the page: the terminal leaves it out. @default false */
  readonly folded?: boolean;
}
