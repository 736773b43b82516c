/** A disk that is full: a StatefulSet's first volume, moved to a disk whose room a test decides. */
import type { ApiObject } from "../../../sandbox/control-plane/client.ts";
import type { Machine } from "../../../sandbox/node/machine.ts";
import type { Loose } from "../stack.ts";
import { gone } from "./lifecycle.ts";
import type { System } from "./system.ts";

export class SmallDisk {
  readonly #system: System;
  readonly #machine: Machine;
  readonly #pod: string;
  readonly #path: string;

  private constructor(system: System, machine: Machine, pod: string, path: string) {
    this.#system = system;
    this.#machine = machine;
    this.#pod = pod;
    this.#path = path;
  }

  /** Stops a StatefulSet of one pod and starts it again on a disk of 256 MiB that has its data. */
  static async under(system: System, machine: Machine, set: string): Promise<SmallDisk> {
    const pod = `${set}-0`;
    const disk = new SmallDisk(system, machine, pod, await volume(system, pod));
    const running = await disk.pod();
    const scale = (replicas: number) =>
      system.client.call(
        "PATCH",
        `/apis/apps/v1/namespaces/${system.namespace}/statefulsets/${set}`,
        { spec: { replicas } },
        "application/merge-patch+json",
      );
    await scale(0);
    await gone(system.client, [running]);
    const path = disk.#path;
    disk.#run(
      `cp -a ${path} ${path}.copy && mount -t tmpfs -o size=256m tmpfs ${path} && cp -a ${path}.copy/. ${path}/`,
    );
    await scale(1);
    await system.ready(300);
    return disk;
  }

  /** Grows or shrinks it until it has so many MiB free. */
  leaveRoom(free: number): void {
    this.#run(`used=$(df --output=used -B1 ${this.#path} | tail -n 1)
      mount -o remount,size=$((used + ${free} * 1024 * 1024)) ${this.#path}`);
  }

  /** The pod that has it. */
  async pod(): Promise<ApiObject> {
    return (await this.#system.pods()).find(({ metadata }) => metadata.name === this.#pod) as ApiObject;
  }

  /** Starts a pod that ends at each start anew, at once: the kubelet waits up to five minutes between two starts. */
  async startAtOnce(): Promise<void> {
    await this.#system.client.delete(await this.pod());
  }

  /** How often its pod's container was started again. */
  async restarts(): Promise<number> {
    return (await this.pod())["status"].containerStatuses[0].restartCount as number;
  }

  /** What the container before the one that runs has printed. @throws if there was none */
  async printedBefore(): Promise<string> {
    const path = `/api/v1/namespaces/${this.#system.namespace}/pods/${this.#pod}/log?previous=true`;
    return String(await this.#system.client.call("GET", path));
  }

  #run(script: string): void {
    this.#machine.command("bash", ["-ec", script]);
  }
}

/** Folder of a pod's volume. */
async function volume({ client, namespace }: System, pod: string): Promise<string> {
  const claims = await client.list("v1", "persistentvolumeclaims", namespace);
  const claim = claims.find(({ metadata }) => metadata.name.endsWith(`-${pod}`)) as Loose;
  const object = { apiVersion: "v1", kind: "PersistentVolume", metadata: { name: claim.spec.volumeName } };
  return ((await client.get(object)) as Loose).spec.local.path as string;
}
