/** Certificates as clients of an edge see them, one connection after the other. */
import { setTimeout as sleep } from "node:timers/promises";
import type { EdgeClient } from "./client.ts";

/** What clients saw. */
export interface Seen {
  /** Serial numbers of certificates, in their order. */
  readonly serials: readonly string[];
  /** Why connections and requests failed. */
  readonly failures: readonly string[];
}

/**
 * Opens a connection to a host, and sends a request, five times a second until it has shown so many certificates, or for so
 * many seconds. A certificate that has ended, or that nobody knows, counts as a failure.
 */
export async function watched(client: EdgeClient, host: string, count: number, seconds: number): Promise<Seen> {
  const serials = new Set<string>();
  const failures: string[] = [];
  const deadline = Date.now() + seconds * 1000;
  while (serials.size < count && Date.now() < deadline) {
    try {
      const socket = await client.open(host);
      serials.add(socket.getPeerCertificate().serialNumber);
      socket.destroy();
      const { status } = await client.send(host, "/");
      if (status !== 200) failures.push(`${status}`);
    } catch (error) {
      failures.push(String(error));
    }
    await sleep(200);
  }
  return { serials: [...serials], failures };
}
