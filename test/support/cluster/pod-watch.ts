/** Watches the pods of one workload, and remembers the fewest that were ready at any time. */
import type { ClientRequest } from "node:http";
import { Agent, request } from "node:https";
import { hasCondition, type ApiObject } from "../../../sandbox/control-plane/client.ts";

/** Where an API server is, and who may ask it. */
export interface Access {
  readonly server: string;
  readonly token: string;
  /** Certificate to trust, in PEM. */
  readonly ca: string;
}

interface Event {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: ApiObject;
}

export class PodWatch {
  /** Fewest pods that were ready at the same time since the last `reset`. */
  fewest = 0;
  readonly #ready = new Set<string>();
  readonly #request: ClientRequest;
  readonly #agent: Agent;

  /** @param app value of the label `app` of the pods */
  constructor({ server, token, ca }: Access, app: string, namespace = "default") {
    this.#agent = new Agent({ ca });
    const path = `/api/v1/namespaces/${namespace}/pods?watch=1&labelSelector=app%3D${app}`;
    const headers = { authorization: `Bearer ${token}` };
    this.#request = request(server + path, { agent: this.#agent, headers }, (answer) => {
      let rest = "";
      answer.on("error", () => undefined);
      answer.on("data", (chunk: Buffer) => {
        const lines = (rest + chunk.toString()).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) this.#see(JSON.parse(line) as Event);
      });
    });
    // The server ends it when it stops.
    this.#request.on("error", () => undefined);
    this.#request.end();
  }

  /** Number of pods that are ready now. */
  get ready(): number {
    return this.#ready.size;
  }

  reset(): void {
    this.fewest = this.ready;
  }

  close(): void {
    this.#request.destroy();
    this.#agent.destroy();
  }

  #see({ type, object }: Event): void {
    const { uid = "" } = object.metadata;
    // Services stop sending requests to a pod as soon as it is told to end.
    const ends = "deletionTimestamp" in object.metadata;
    if (type === "DELETED" || ends || !hasCondition(object, "Ready")) this.#ready.delete(uid);
    else this.#ready.add(uid);
    this.fewest = Math.min(this.fewest, this.ready);
  }
}
