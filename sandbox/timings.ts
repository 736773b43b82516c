/** What took the time of an update, from the engine's event log and the stack's state. */
import { readEvents } from "./ending/events.ts";
import { label, typeOf } from "./urn.ts";

/** A resource in the state, with what it waits for. */
export interface Ordered {
  readonly urn: string;
  /** URN and id of its provider: `URN::id`. */
  readonly provider?: string;
  /** URNs of the resources that it depends on. */
  readonly dependencies?: readonly string[];
}

/** The operation on one resource. Times are whole seconds, as in the event log. */
interface Step {
  /** Kind and name of the resource. */
  readonly name: string;
  /** Seconds from the start of the update. */
  readonly startedAt: number;
  /** Duration. */
  readonly seconds: number;
}

/** How long an update took, and why. */
export interface Timings {
  /** Number of resources by operation: `create`, `update`, `same`. */
  readonly counts: Readonly<Record<string, number>>;
  /** Duration of the update. */
  readonly seconds: number;
  /** The chain of resources, each waiting for the one before, that ended last; without steps of less than a second. */
  readonly criticalPath: readonly Step[];
}

/**
 * Reads the timings of an update.
 *
 * @param eventLog path of the file that `--event-log` wrote
 */
export function readTimings(eventLog: string, state: readonly Ordered[]): Timings {
  const events = readEvents(eventLog);
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
    criticalPath: lastChain(steps, state).filter(({ seconds }) => seconds > 0),
  };
}

/** The chain that ends last: from the last step back, each time to the dependency that ended last. */
function lastChain(steps: ReadonlyMap<string, Step>, state: readonly Ordered[]): Step[] {
  const byUrn = new Map(state.map((resource) => [resource.urn, resource]));
  // Components do not count: nothing waits for their own step, which lasts until their children are registered.
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
