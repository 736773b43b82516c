/** What a broker acknowledged to a client, and whether it is there after what happened to the broker. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { ApiObject } from "../../../sandbox/control-plane/client.ts";
import type { PodsCluster } from "./cluster.ts";
import { kill, persistently } from "./lifecycle.ts";
import { workloadOf } from "./reach.ts";
import type { System } from "./system.ts";

/** A workload that writes to a broker, and the program of `programs/writers` by which it does. */
export interface Writer {
  readonly client: string;
  readonly program: string;
}

/** What a client writes to a broker. */
export interface Writing {
  /** What the broker has acknowledged, once the client has ended. */
  readonly acknowledged: Promise<string[]>;
  /** Tells of each that is there. */
  readonly read: (found: (one: string) => unknown) => Promise<unknown>;
}

/** So many are acknowledged before anybody is killed. */
const enough = 20;

/** Kills servers, while a client writes if one does: what it was acknowledged is there afterwards, and every connection works. */
export async function survives(
  pods: PodsCluster,
  system: System,
  servers: readonly ApiObject[],
  writer?: Writer,
): Promise<void> {
  expect(servers).not.toEqual([]);
  const wrote = writer === undefined ? undefined : await writing(pods, system, writer);
  await kill(pods.client, pods.cluster.machine, servers);
  await wrote?.acknowledged;
  await system.ready(600);
  if (wrote !== undefined) await isKept(wrote);
  expect(await system.broken(300)).toEqual([]);
}

/** Waits until all that was acknowledged, which is enough, has been read. */
export async function isKept({ acknowledged, read }: Writing): Promise<void> {
  const all = await acknowledged;
  expect(all.length).toBeGreaterThanOrEqual(enough);
  // A reader may end before it has come to all.
  const there = new Set<string>();
  await persistently(async () => {
    await read((one) => there.add(one));
    expect(all.filter((one) => !there.has(one))).toEqual([]);
  });
}

/** Starts to write from a client's pod, and returns when enough is acknowledged. */
export async function writing(pods: PodsCluster, system: System, { client, program: file }: Writer): Promise<Writing> {
  const pod = (await system.pods()).find((one) => workloadOf(one) === client)?.metadata.name ?? "";
  const program = readFileSync(new URL(`programs/writers/${file}`, import.meta.url), "utf8");
  const lines = (text: string) => text.split("\n").filter((line) => line !== "");
  const told = async (line: string, heard?: (printed: string) => void) => {
    const command = ["sh", "-c", `cd /opt/stand-in && ${line}`];
    return lines(await pods.exec(pod, system.namespace, command, program, heard));
  };
  const node = "./node --input-type=module-typescript -";
  const begun = Promise.withResolvers<unknown>();
  // However it ends, it has told what it knows; and another broker may have taken over without its notice.
  const acknowledged = told(`timeout 120 ${node} write ${enough} || true`, (printed) => {
    if (lines(printed).length >= enough) begun.resolve(undefined);
  });
  await Promise.race([begun.promise, acknowledged]);
  const read = (found: (one: string) => unknown) =>
    told(`${node} read`, (printed) => {
      // The last may yet be cut.
      lines(printed.slice(0, printed.lastIndexOf("\n") + 1)).forEach(found);
    });
  return { acknowledged, read };
}
