/** Planned faults of the simulated API, for tests of what happens to an update then. */

/** A fault that requests of one kind get. */
export interface Fault {
  /** HTTP method of the requests. */
  readonly method: string;
  /** Path of the requests, whole or as a pattern. */
  readonly path: string | RegExp;
  /** Number of requests that get the fault. @default 1 */
  readonly times?: number;
  /** Number of matching requests that pass before the first one gets the fault. @default 0 */
  readonly after?: number;
  /** Another response, a connection that is reset, or no response at all. */
  readonly happens: { readonly status: number; readonly headers?: Record<string, string> } | "reset" | "hang";
  /** Whether the request takes effect nevertheless. @default false */
  readonly commits?: boolean;
}

/** The list of planned faults. */
export class Faults {
  #planned: { fault: Fault; seen: number }[] = [];

  plan(...faults: readonly Fault[]): void {
    this.#planned.push(...faults.map((fault) => ({ fault, seen: 0 })));
  }

  clear(): void {
    this.#planned = [];
  }

  /** The first planned fault for a request; undefined if there is none. Counts the request. */
  take(method: string, path: string): Fault | undefined {
    for (const planned of this.#planned) {
      const { fault } = planned;
      const fits = typeof fault.path === "string" ? path === fault.path : fault.path.test(path);
      if (fault.method !== method || !fits) continue;
      planned.seen += 1;
      const after = fault.after ?? 0;
      if (planned.seen > after && planned.seen <= after + (fault.times ?? 1)) return fault;
    }
    return undefined;
  }
}
