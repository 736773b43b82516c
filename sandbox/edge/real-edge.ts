/**
 * The edge of a cluster with a real node. Addresses of load balancers lead to the node, whose kube-proxy takes connections for
 * them: as behind DigitalOcean's network load balancers, what arrives has the client's own address. An authority of the
 * sandbox's own issues certificates, in the place of cert-manager.
 */
import type { ApiObject, Client } from "../control-plane/client.ts";
import type { Edge } from "../control-plane/controllers.ts";
import type { Machine } from "../node/machine.ts";
import { Authority } from "./authority.ts";

export class RealEdge implements Edge {
  /** Issues all certificates of the cluster's. */
  readonly authority = new Authority();
  readonly hasGateways: boolean;
  /** Of the range for tests between two networks, of which machines' links have the other half. Source: RFC 2544. */
  readonly addresses = Array.from({ length: 250 }, (_, i) => `198.19.0.${i + 1}`);
  readonly #machine: Machine;
  readonly #leading = new Set<string>();

  /** @param hasGateways whether the cluster has Envoy Gateway */
  constructor(machine: Machine, hasGateways: boolean) {
    this.#machine = machine;
    this.hasGateways = hasGateways;
  }

  leads(address: string): boolean {
    if (!this.#leading.has(address) && this.#machine.takes(address)) this.#leading.add(address);
    return this.#leading.has(address);
  }

  async issue(client: Client, certificate: ApiObject): Promise<void> {
    const { secretName, dnsNames } = certificate["spec"] as Asked;
    const { certificate: own, key } = this.authority.issue(dnsNames);
    const metadata = { name: secretName, namespace: certificate.metadata.namespace ?? "" };
    const stringData = { "tls.crt": own, "tls.key": key, "ca.crt": this.authority.certificate };
    const secret = { apiVersion: "v1", kind: "Secret", metadata, type: "kubernetes.io/tls", stringData };
    await client.apply(secret, "cert-manager-certificates-issuing");
  }
}

/** What a Certificate asks for, as far as the program makes use of it. */
interface Asked {
  readonly secretName: string;
  readonly dnsNames: readonly [string, ...string[]];
}
