/**
 * The edge of a cluster with a real node. Addresses of load balancers lead to the node, whose kube-proxy takes connections for
 * them: as behind DigitalOcean's network load balancers, what arrives has the client's own address.
 */
import type { Edge } from "../control-plane/controllers.ts";
import type { Machine } from "../node/machine.ts";

export class RealEdge implements Edge {
  readonly isReal: boolean;
  /** Of the range for tests between two networks, of which machines' links have the other half. Source: RFC 2544. */
  readonly addresses = Array.from({ length: 250 }, (_, i) => `198.19.0.${i + 1}`);
  readonly #machine: Machine;
  readonly #leading = new Set<string>();

  /** @param isReal whether the cluster has Envoy Gateway and cert-manager */
  constructor(machine: Machine, isReal: boolean) {
    this.#machine = machine;
    this.isReal = isReal;
  }

  leads(address: string): boolean {
    if (!this.#leading.has(address) && this.#machine.takes(address)) this.#leading.add(address);
    return this.#leading.has(address);
  }
}
