/** The sandbox as people run it: it starts, says where it is, stops; killed, it leaves nothing; two do not disturb each other. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { startControlPlane } from "../../sandbox/control-plane/control-plane.ts";
import { hasGo } from "../../sandbox/tools.ts";

const able = hasGo() && process.platform === "linux";
if (!able) console.warn("skipped: the sandbox's processes, which need Go and Linux");

const folders = [mkdtempSync(join(tmpdir(), "doks-sandbox-")), mkdtempSync(join(tmpdir(), "doks-sandbox-"))];
const [one = "", two = ""] = folders;
/** Where a sandbox for stack `local` is, in a folder of sandboxes. */
const held = (folder: string) => join(folder, "local");

function sandbox(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const command = ["sandbox/cli.ts", ...args];
    execFile(process.execPath, command, { timeout: 1_000_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
    });
  });
}

/** Command lines that name the folder, but for the tests' own. */
function programsOf(folder: string): string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const lines = pids.map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    } catch {
      // It has ended meanwhile.
      return "";
    }
  });
  return lines.filter((line) => line.includes(folder) && !line.includes("vitest"));
}

async function gone(folder: string): Promise<string[]> {
  for (let tries = 0; tries < 600 && programsOf(folder).length > 0; tries += 1) await sleep(100);
  return programsOf(folder);
}

describe.skipIf(!able)("npm run sandbox", () => {
  afterAll(async () => {
    for (const folder of folders) {
      await sandbox("stop", "local", "--folder", folder);
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("tells of a program that ends at once what it said last, and where its log is", async () => {
    const folder = mkdtempSync(join(tmpdir(), "doks-broken-"));
    // A quote within a field, which the API server's file of tokens cannot have.
    const started = startControlPlane(folder, [], { tokens: ['a"token'] });
    await expect(started).rejects.toThrow(
      /^kube-apiserver has ended, and said last: .*parse error.*its log is \S+\.log$/s,
    );
    expect(await gone(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  it("runs two side by side, each with its own kubeconfig", async () => {
    const started = await Promise.all(folders.map((folder) => sandbox("start", "local", "--folder", folder)));
    for (const [i, { code, output }] of started.entries()) {
      expect(code, `${output}\n${programsOf(folders[i] ?? "").join("\n")}`).toBe(0);
      expect(output).toContain(`export KUBECONFIG=${held(folders[i] ?? "")}/cluster/kubeconfig`);
    }
    expect((await sandbox("status", "local", "--folder", one)).output).toMatch(/^running/);
    const servers = folders.map(
      (folder) => /server: (\S+)/.exec(readFileSync(join(held(folder), "cluster", "kubeconfig"), "utf8"))?.[1],
    );
    expect(new Set(servers).size).toBe(2);
  }, 1_200_000);

  it("stops one and leaves the other", async () => {
    expect((await sandbox("stop", "local", "--folder", one)).output).toContain("stopped");
    expect(await gone(one)).toEqual([]);
    expect((await sandbox("status", "local", "--folder", one)).output).toContain("not running");
    expect((await sandbox("status", "local", "--folder", two)).output).toMatch(/^running/);
  });

  it("killed outright, it leaves no process and nothing that keeps it from starting again", async () => {
    process.kill(Number(readFileSync(join(held(two), "pid"), "utf8")), "SIGKILL");
    expect(await gone(two)).toEqual([]);
    expect((await sandbox("status", "local", "--folder", two)).output).toContain("not running");
    expect((await sandbox("start", "local", "--folder", two)).code).toBe(0);
    expect((await sandbox("stop", "local", "--folder", two)).output).toContain("stopped");
    expect(await gone(two)).toEqual([]);
  });

  it("stopped or killed while it starts, it leaves no process either", async () => {
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      void sandbox("start", "local", "--folder", one);
      for (let tries = 0; tries < 1500 && programsOf(one).length < 4; tries += 1) await sleep(20);
      expect((await sandbox("status", "local", "--folder", one)).output).toContain("starting");
      process.kill(Number(readFileSync(join(held(one), "pid"), "utf8")), signal);
      expect(await gone(one)).toEqual([]);
      expect((await sandbox("status", "local", "--folder", one)).output).toContain("not running");
    }
  });

  it("says what it does, where it is asked for something else", async () => {
    const { code, output } = await sandbox("dance");
    expect(code).toBe(2);
    expect(output).toContain("Allowed choices are up, push, preview, destroy");
  });
});
