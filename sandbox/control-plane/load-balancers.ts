/** Plays the cloud's load balancers: every Service of type LoadBalancer gets an address of the documentation range. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiObject, Client } from "./client.ts";

export function balanceLoads(client: Client): { stop(): Promise<void> } {
  const ending = new AbortController();
  const loop = (async () => {
    while (!ending.signal.aborted) {
      // A server that is busy or stopping is asked again; a Service without an address shows on its own.
      await serve(client).catch(() => undefined);
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

async function serve(client: Client): Promise<void> {
  const services = await client.list("v1", "services");
  const balanced = services.filter((service) => (service["spec"] as { type: string }).type === "LoadBalancer");
  const taken = new Set(balanced.map(addressOf).filter((address) => address !== undefined));
  for (const { metadata } of balanced.filter((service) => addressOf(service) === undefined)) {
    const ip = freeAddress(taken);
    taken.add(ip);
    const path = `/api/v1/namespaces/${metadata.namespace ?? "default"}/services/${metadata.name}/status`;
    const status = { status: { loadBalancer: { ingress: [{ ip }] } } };
    await client.call("PATCH", path, status, "application/merge-patch+json");
  }
}

function addressOf(service: ApiObject): string | undefined {
  const status = service["status"] as { loadBalancer: { ingress?: { ip: string }[] } };
  return status.loadBalancer.ingress?.[0]?.ip;
}

/** RFC 5737: addresses that lead nowhere. */
function freeAddress(taken: ReadonlySet<string>): string {
  const free = Array.from({ length: 253 }, (_, i) => `192.0.2.${i + 1}`).find((address) => !taken.has(address));
  if (free === undefined) throw new Error("more than 253 load balancers");
  return free;
}
