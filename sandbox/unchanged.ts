/**
 * Whether an update has nothing to do, so that its preview can be left out, which takes as long as the update. The preview is what
 * refuses, before anything is changed, to delete what is protected and what an API server would not take; where nothing is
 * new, there is nothing to refuse. So it is left out only if the program registers what it did at the last update that ended well, with
 * the same packages, and the state is still the one which that update left.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../commands/engine.ts";
import { render } from "../graph/render/render.ts";
import { stateFile } from "./ending/state.ts";
import type { Rehearsal } from "./rehearsal.ts";

/** What an update was made of. Holds hashes only. */
export class LastUpdate {
  readonly #rehearsal: Rehearsal;
  readonly #kept: string;
  #registered: string | undefined;

  constructor(rehearsal: Rehearsal) {
    this.#rehearsal = rehearsal;
    this.#kept = join(rehearsal.folder, `${rehearsal.stack}.last`);
  }

  /** Whether the next update would register what the last one did, on the state that it left. */
  async isRepeated(): Promise<boolean> {
    this.#registered = await registered(this.#rehearsal.stack);
    return existsSync(this.#kept) && readFileSync(this.#kept, "utf8") === this.#now();
  }

  /** Remembers an update that ended well. */
  keep(): void {
    if (this.#registered !== undefined) writeFileSync(this.#kept, this.#now());
  }

  #now(): string {
    const { state, stack } = this.#rehearsal;
    const file = stateFile(state, stack);
    return `${this.#registered ?? ""} ${existsSync(file) ? hash(readFileSync(file)) : ""}`;
  }
}

/** Everything that the program registers for a stack, and the packages that it runs with, as a hash. */
async function registered(stack: string): Promise<string> {
  const { resources } = await render(stack);
  return hash(JSON.stringify(resources), readFileSync(join(root, "package-lock.json")));
}

function hash(...parts: readonly (string | Buffer)[]): string {
  const all = createHash("sha256");
  for (const part of parts) all.update(part);
  return all.digest("hex");
}
