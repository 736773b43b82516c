/** What the kinds that no committed stack uses are tried on, and how the tests ask about it. */
import { alone, type RenderedStack } from "../../support/stack.ts";

export const bowmarkKey = "doks-systems:bowmark";
export const bowmark = alone("bowmark");
export const platform = "doks-systems:platform";

export function clusterId(rendered: RenderedStack): string {
  return (rendered.rendering.outputs["platform"] as { clusterId: string }).clusterId;
}
