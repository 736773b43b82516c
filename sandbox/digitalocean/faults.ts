/** What goes wrong, on purpose: the first of these that fits a call happens to it. */
export interface Fault {
  readonly method: string;
  /** The whole path, or a pattern of it. */
  readonly path: string | RegExp;
  /** How many calls it happens to. @default 1 */
  readonly times?: number;
  /** How many fitting calls pass before. @default 0 */
  readonly after?: number;
  /** An answer instead of the own one, a connection that breaks, or no answer at all. */
  readonly happens: { readonly status: number; readonly headers?: Record<string, string> } | "reset" | "hang";
  /** Whether the call has its effect all the same. @default false */
  readonly commits?: boolean;
}

export class Faults {
  #planned: { fault: Fault; seen: number }[] = [];

  plan(...faults: readonly Fault[]): void {
    this.#planned.push(...faults.map((fault) => ({ fault, seen: 0 })));
  }

  clear(): void {
    this.#planned = [];
  }

  /** The fault that a call has, if any; counts the call. */
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
