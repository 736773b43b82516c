/**
 * Deploys in an order, each while up to two before it are tested, and takes each away beside the tests of the next.
 */
export class Ahead<Name extends string, Deployed extends { remove(): Promise<void> }> {
  readonly #order: readonly Name[];
  readonly #deploy: (name: Name) => Promise<Deployed>;
  readonly #begun = new Map<Name, Promise<Deployed>>();
  readonly #removed = new Map<Name, Promise<void>>();

  constructor(order: readonly Name[], deploy: (name: Name) => Promise<Deployed>) {
    this.#order = order;
    this.#deploy = deploy;
  }

  /** What is deployed under a name. */
  get(name: Name): Promise<Deployed> {
    const deployed = this.#begin(name);
    const place = this.#order.indexOf(name);
    // How that goes is told to who asks for them.
    for (const next of this.#order.slice(place + 1, place + 3)) this.#begin(next).catch(() => undefined);
    return deployed;
  }

  /** Begins to take away what is deployed under a name. */
  remove(name: Name): void {
    const removed = this.#begun.get(name)?.then((deployed) => deployed.remove());
    removed?.catch(() => undefined);
    if (removed !== undefined) this.#removed.set(name, removed);
  }

  /** Waits until what is deployed under a name, if it is, is gone. */
  async gone(name: Name): Promise<void> {
    while (this.#begun.has(name) && !this.#removed.has(name)) await new Promise((resolve) => setTimeout(resolve, 200));
    await this.#removed.get(name);
  }

  /** Waits until nothing is being deployed; what is being taken away goes with the cluster. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#begun.values());
  }

  #begin(name: Name): Promise<Deployed> {
    const begun = this.#begun.get(name) ?? this.#deploy(name);
    this.#begun.set(name, begun);
    return begun;
  }
}
