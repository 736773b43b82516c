/**
 * The engine's event log, which `--event-log` writes. `up` writes it twice: the update's replaces the preview's.
 * Source: sdk/go/common/apitype/events.go of pulumi/pulumi.
 */
import { readFileSync } from "node:fs";

export interface Event {
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly resourcePreEvent?: { readonly metadata: { readonly urn: string; readonly op: string } };
  readonly resOutputsEvent?: { readonly metadata: { readonly urn: string } };
  readonly diagnosticEvent?: { readonly urn?: string; readonly message: string; readonly severity: string };
  readonly summaryEvent?: {
    readonly resourceChanges?: Readonly<Record<string, number>>;
    readonly isPreview?: boolean;
    readonly result?: string;
  };
}

/** The events in a log, in their order. The last line of a killed command may be half of one, and is left out. */
export function readEvents(eventLog: string): Event[] {
  return readFileSync(eventLog, "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Event];
      } catch {
        return [];
      }
    });
}
