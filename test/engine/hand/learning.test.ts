/** The sandbox as its users have it, from the command line: a killed update there is opened again by what it says to type. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { locksOn, pendingIn } from "../../../sandbox/ending/state.ts";
import { noEngine, tail } from "../../support/stage.ts";

interface Typed {
  readonly code: number | null;
  readonly output: string;
}

describe.skipIf(noEngine !== undefined)("in the sandbox", () => {
  let folder: string;
  const state = () => join(folder, "local", "state");
  const locks = () => locksOn(state(), "local");

  /** Types a command line as it is printed, quotes and variables included. */
  const type = (line: string, group: (pid: number) => void = () => undefined) =>
    new Promise<Typed>((resolve) => {
      const command = line.replace("npm run sandbox --", `'${process.execPath}' commands/start.js sandbox/cli.ts`);
      const child = spawn("sh", ["-c", command], { detached: true, stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (data: Buffer) => (output += data.toString()));
      if (child.pid !== undefined) group(child.pid);
      child.once("close", (code) => {
        resolve({ code, output: stripVTControlCharacters(output) });
      });
    });
  const sandbox = (words: string, group?: (pid: number) => void) =>
    type(`npm run sandbox -- --folder ${folder} ${words}`, group);
  const lastLine = ({ output }: Typed) => output.trimEnd().split("\n").at(-1) ?? "";
  /** Commands that an output offers. */
  const offered = ({ output }: Typed) =>
    [...output.matchAll(/(?:→ |: )((?:PULUMI_\S+ )*npm run sandbox -- \S.*)$/gm)].map(([, line = ""]) => line);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "doks-learning-"));
  });
  afterAll(async () => {
    await sandbox("reset local");
    rmSync(folder, { recursive: true, force: true });
  });

  it("an update that is killed leaves a lock, and what is offered opens it and ends it well", async () => {
    await sandbox("up local", (pid) => void killWhileItMakes(pid));
    expect(locks()).toHaveLength(1);
    expect(pendingIn(state(), "local")).not.toEqual([]);

    const locked = await sandbox("up local");
    expect(locked.code).not.toBe(0);
    expect(lastLine(locked)).toMatch(/^exit \d+: the stack is locked by a command that was killed/);
    const [cancel = ""] = offered(locked);
    expect(cancel).toMatch(/ cancel --yes$/);
    expect((await type(cancel)).code).toBe(0);
    expect(locks()).toEqual([]);

    const done = new Set<string>();
    let typed = await sandbox("up local");
    for (let tries = 0; tries < 6 && (typed.code !== 0 || offered(typed).length > 0); tries += 1) {
      const next = offered(typed).find((line) => !done.has(line));
      if (next !== undefined) done.add(next);
      if (next !== undefined) expect((await type(next)).code, next).toBe(0);
      typed = await sandbox("up local");
    }
    expect(typed.code, tail(typed.output)).toBe(0);
    expect([...done].some((line) => line.includes("--clear-pending-creates"))).toBe(true);
  });

  it("an update of what is unchanged needs no preview, and one after a command of Pulumi's does", async () => {
    const again = await sandbox("up local");
    expect(again.code, tail(again.output)).toBe(0);
    expect(again.output).not.toContain("Previewing update");
    expect(again.output).toMatch(/\d+ s: \d+ same$/m);
    const tag = await sandbox("pulumi local stack tag set learned yes");
    expect(tag.code, tag.output).toBe(0);
    const unprotected = await sandbox("pulumi local state unprotect --all --yes");
    expect(unprotected.code, unprotected.output).toBe(0);
  });

  it("a command of Pulumi's prints what it prints, and nothing else, and a failure says so in its last line", async () => {
    const exported = await sandbox("pulumi local stack export");
    const { deployment } = JSON.parse(exported.output) as { deployment: { resources: unknown[] } };
    expect(deployment.resources.length).toBeGreaterThan(100);
    const wrong = await sandbox("pulumi local state delete urn:none --yes");
    expect(lastLine(wrong)).toMatch(/^exit \d+: nothing was done: see above$/);
  });

  /** Types `destroy local`, and Ctrl-C once the condition holds. */
  async function interrupted(isTime: () => boolean): Promise<Typed> {
    let isInterrupted = false;
    const typed = await sandbox("destroy local", (pid) => {
      void (async () => {
        while (!isTime()) await sleep(20);
        isInterrupted = true;
        process.kill(-pid, "SIGINT");
      })();
    });
    expect(isInterrupted).toBe(true);
    expect(locks()).toEqual([]);
    return typed;
  }

  it("does nothing after a Ctrl-C in the preview, though nobody is asked", async () => {
    // Pulumi listens a little after it has its lock.
    let since = Infinity;
    const typed = await interrupted(() => {
      if (locks().length > 0) since = Math.min(since, Date.now());
      return Date.now() > since + 700;
    });
    expect(lastLine(typed)).toMatch(/^exit \d+: .*(nothing|before anything) was changed/);
    const again = await sandbox("up local");
    expect(again.output, tail(again.output)).toMatch(/\d+ s: \d+ same$/m);
  });

  it("waits after a Ctrl-C until Pulumi has ended, which leaves no lock", async () => {
    const typed = await interrupted(isDeleting);
    expect(typed.code, tail(typed.output)).not.toBe(0);
    expect(lastLine(typed)).toMatch(/^exit \d+: /);
  });

  /** Whether the state says that something is being deleted; the engine may be writing it at this moment. */
  function isDeleting(): boolean {
    try {
      return pendingIn(state(), "local").some((one) => one.startsWith("deleting"));
    } catch {
      return false;
    }
  }

  async function killWhileItMakes(group: number): Promise<void> {
    const deadline = Date.now() + 10 * 60_000;
    while (Date.now() < deadline) {
      try {
        if (pendingIn(state(), "local").some((one) => /StatefulSet|Deployment/.test(one))) break;
      } catch {
        // The engine writes the file at this moment.
      }
      await sleep(20);
    }
    process.kill(-group, "SIGKILL");
  }
});
