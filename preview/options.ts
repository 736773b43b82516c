/** What a preview can be asked for. */
import type { FailOn } from "./verdict.ts";

/** The options of a preview, as commander gives them. */
export interface PreviewOptions extends FailOn {
  readonly base?: string;
  readonly against?: string;
  readonly all?: true;
  readonly system?: string;
  readonly depth?: number;
  readonly only?: "changes";
  readonly out?: string;
  readonly json?: true;
}
