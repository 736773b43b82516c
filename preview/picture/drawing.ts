/** What is drawn: boxes with a few lines of text, and arrows between them. Pure data. */
import type { Mark } from "./marked.ts";
import type { PictureNode } from "./picture.ts";

/** A box. */
export interface Box {
  /** URN of the resource, or a name for what is none. */
  readonly id: string;
  readonly kind: PictureNode["kind"] | "system";
  /** In bold; several lines if it has line feeds. */
  readonly title: string;
  /** Below the title, each on a line of its own. */
  readonly lines: readonly string[];
  readonly holdsData: boolean;
  /** What an update does to it. @default - nothing */
  readonly mark?: Mark;
  /** Address on the page. @default - it leads nowhere */
  readonly href?: string;
  /** Whether it is drawn inside of the frame. @default false */
  readonly inside?: boolean;
}

/** An arrow. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** Whether traffic from the internet takes it. */
  readonly isPublic: boolean;
  /** @default - it was there, and stays */
  readonly mark?: "create" | "delete";
}

/** One drawing. */
export interface Drawing {
  /** Anchor on the page, and title. */
  readonly id: string;
  readonly title: string;
  /** Title of the frame around the boxes inside. @default - no frame */
  readonly frame?: string;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

/** How a mark is written, so that it does not depend on colour. */
export const signs: Readonly<Record<Mark, { readonly sign: string; readonly word: string }>> = {
  create: { sign: "+", word: "created" },
  update: { sign: "~", word: "updated" },
  options: { sign: "○", word: "other options" },
  replace: { sign: "±", word: "replaced" },
  delete: { sign: "−", word: "deleted" },
};

/** `± replaced` */
export function markText(mark: Mark): string {
  return `${signs[mark].sign} ${signs[mark].word}`;
}
