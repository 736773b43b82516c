/**
 * Simulates controllers of a DOKS cluster and its add-ons: load balancers get addresses, and where no real controllers look
 * after them, so do Gateways, and certificates become ready.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { hasCondition, type ApiObject, type Client } from "./client.ts";

type Kind = Pick<ApiObject, "apiVersion" | "kind">;
const serviceKind: Kind = { apiVersion: "v1", kind: "Service" };
const gatewayKind: Kind = { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway" };
const certificateKind: Kind = { apiVersion: "cert-manager.io/v1", kind: "Certificate" };

/** What is behind the addresses of load balancers. */
export interface Edge {
  /** Addresses for load balancers. */
  readonly addresses: readonly string[];
  /** Makes an address of a load balancer lead to the nodes; false if it leads elsewhere. Repeated calls are harmless. */
  leads(address: string): boolean;
  /** Whether controllers in the cluster look after Gateways and Certificates. */
  readonly isReal: boolean;
}

/** Nothing: addresses from the range for documentation, which lead nowhere. Source: RFC 5737. */
const nothing: Edge = {
  addresses: Array.from({ length: 253 }, (_, i) => `192.0.2.${i + 1}`),
  leads: () => true,
  isReal: false,
};

/** Starts the simulated controllers. They look at the cluster every 300 milliseconds. */
export function playControllers(client: Client, edge: Edge = nothing): { stop(): Promise<void> } {
  const ending = new AbortController();
  const loop = (async () => {
    while (!ending.signal.aborted) {
      // Errors are ignored: a busy or stopping server is asked again, and a missing status shows in the object that lacks it.
      await play(client, edge).catch(() => undefined);
      await sleep(300, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  })();
  return {
    stop: async () => {
      ending.abort();
      await loop;
    },
  };
}

async function play(client: Client, edge: Edge): Promise<void> {
  const [services, gateways, certificates] = await Promise.all([
    client.list(serviceKind.apiVersion, "services"),
    client.list(gatewayKind.apiVersion, "gateways"),
    client.list(certificateKind.apiVersion, "certificates"),
  ]);
  const balanced = services.filter((service) => (service["spec"] as { type: string }).type === "LoadBalancer");
  const taken = new Set(
    [...balanced.map(addressOf), ...gateways.map(gatewayAddress)].filter((one) => one !== undefined),
  );
  const next = () => {
    const free = edge.addresses.find((one) => !taken.has(one) && edge.leads(one));
    if (free === undefined) throw new Error(`more than ${edge.addresses.length} load balancers`);
    taken.add(free);
    return free;
  };
  const isBalanced = (service: ApiObject) => {
    const address = addressOf(service);
    return address !== undefined && edge.leads(address);
  };
  for (const service of balanced.filter((one) => !isBalanced(one)))
    await setStatus(client, serviceKind, service, { loadBalancer: { ingress: [{ ip: next() }] } });
  if (edge.isReal) return;
  for (const gateway of gateways.filter((one) => gatewayAddress(one) === undefined)) {
    const addresses = [{ type: "IPAddress", value: next() }];
    await setStatus(client, gatewayKind, gateway, {
      addresses,
      conditions: [condition("Accepted"), condition("Programmed")],
    });
  }
  for (const certificate of certificates.filter((one) => !hasCondition(one, "Ready")))
    await setStatus(client, certificateKind, certificate, { conditions: [condition("Ready")] });
}

async function setStatus(client: Client, kind: Kind, { metadata }: ApiObject, status: object): Promise<void> {
  const path = `${await client.path({ ...kind, metadata })}/status`;
  await client.call("PATCH", path, { status }, "application/merge-patch+json");
}

function condition(type: string): object {
  return { type, status: "True", reason: "Played", message: "", lastTransitionTime: new Date().toISOString() };
}

function addressOf(service: ApiObject): string | undefined {
  const status = service["status"] as { loadBalancer: { ingress?: { ip: string }[] } };
  return status.loadBalancer.ingress?.[0]?.ip;
}

function gatewayAddress(gateway: ApiObject): string | undefined {
  const status = gateway["status"] as { addresses?: { value: string }[] } | undefined;
  return status?.addresses?.[0]?.value;
}
