/** Where the time of an update went, from the engine's event log and the stack's state. */
import { readFileSync } from "node:fs";
import { label, typeOf } from "./urn.ts";

interface Event {
  readonly timestamp: number;
  readonly resourcePreEvent?: { readonly metadata: { readonly urn: string; readonly op: string } };
  readonly resOutputsEvent?: { readonly metadata: { readonly urn: string } };
}

/** What a state says of a resource's order. */
export interface Ordered {
  readonly urn: string;
  /** `URN::id` */
  readonly provider?: string;
  readonly dependencies?: readonly string[];
}

/** One step of an update; whole seconds, the log has no finer. */
interface Step {
  readonly name: string;
  readonly startedAt: number;
  readonly seconds: number;
}

export interface Timings {
  /** How many resources had which operation. */
  readonly counts: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** The chain of resources, each waiting for the one before, whose steps together took longest; without those of no time. */
  readonly criticalPath: readonly Step[];
}

export function readTimings(eventLog: string, state: readonly Ordered[]): Timings {
  const events = readFileSync(eventLog, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Event);
  const begin = events[0]?.timestamp ?? 0;
  const steps = new Map<string, Step>();
  const counts: Record<string, number> = {};
  for (const { timestamp, resourcePreEvent: began, resOutputsEvent: ended } of events) {
    if (began !== undefined) {
      const { urn, op } = began.metadata;
      counts[op] = (counts[op] ?? 0) + 1;
      steps.set(urn, { name: label(urn), startedAt: timestamp - begin, seconds: 0 });
    }
    const step = steps.get(ended?.metadata.urn ?? "");
    if (step !== undefined && ended !== undefined)
      steps.set(ended.metadata.urn, { ...step, seconds: timestamp - begin - step.startedAt });
  }
  return {
    counts,
    seconds: (events.at(-1)?.timestamp ?? begin) - begin,
    criticalPath: longest(steps, state).filter(({ seconds }) => seconds > 0),
  };
}

/** The chain that ends last, followed back through whatever each waited for longest. */
function longest(steps: ReadonlyMap<string, Step>, state: readonly Ordered[]): Step[] {
  const byUrn = new Map(state.map((resource) => [resource.urn, resource]));
  // A component's own step lasts until its children are registered; it is nothing to wait for.
  const own = (urn: string) => (isComponent(urn) ? undefined : steps.get(urn));
  const endOf = (urn: string) => {
    const step = own(urn);
    return step === undefined ? -1 : step.startedAt + step.seconds;
  };
  const chain: Step[] = [];
  let urn = [...steps.keys()].toSorted((a, b) => endOf(b) - endOf(a))[0];
  while (urn !== undefined && endOf(urn) >= 0) {
    const step = own(urn);
    if (step !== undefined) chain.unshift(step);
    const { dependencies = [], provider = "" }: Partial<Ordered> = byUrn.get(urn) ?? {};
    const waitedFor = [...dependencies, provider.replace(/::[^:]*$/, "")];
    urn = waitedFor.toSorted((a, b) => endOf(b) - endOf(a))[0];
  }
  return chain;
}

function isComponent(urn: string): boolean {
  return typeOf(urn).startsWith("doks-systems:") || typeOf(urn) === "pulumi:pulumi:Stack";
}
