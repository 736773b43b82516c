/** The machine on this one that a real node runs in: it is apart from others, and leaves nothing behind, however it ends. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { Machine } from "../../sandbox/node/machine.ts";
import { missingForNode } from "../../sandbox/node/needs.ts";

const missing = missingForNode();
if (missing !== undefined) console.warn(`skipped: machines for a real node, which need ${missing}`);

const holder = fileURLToPath(new URL("../support/pods/programs/hold-machine.ts", import.meta.url));
const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "doks-machine-"));
  folders.push(folder);
  return folder;
}

/** What this machine has that names a folder, or belongs to any machine of the sandbox. */
function traces(folder: string): string[] {
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => mentions(`/proc/${pid}/environ`, folder) || mentions(`/proc/${pid}/cmdline`, folder));
  const mounts = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .filter((line) => line.includes(folder));
  return [...processes.map((pid) => `process ${pid}`), ...mounts.map((line) => `mount ${line}`)];
}

function mentions(file: string, text: string): boolean {
  try {
    return readFileSync(file, "latin1").includes(text);
  } catch {
    return false;
  }
}

/** Links and control groups of machines that do not run. */
function left(): string[] {
  const links = execFileSync("ip", ["-oneline", "link"], { encoding: "utf8" }).match(/doks\d+/g) ?? [];
  const search = ["/sys/fs/cgroup", "-maxdepth", "2", "-name", "doks-systems-doks*"];
  const groups = execFileSync("find", search, { encoding: "utf8" }).split("\n");
  const found = new Set([...links, ...groups.filter((path) => path !== "")]);
  const running = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return [...found]
    .filter((one) => {
      const cgroup = `CGROUP=doks-systems-${one.replace(/.*doks-systems-/, "")}\0`;
      return !running.some((pid) => mentions(`/proc/${pid}/environ`, cgroup));
    })
    .toSorted();
}

function hold(what: "machine" | "cluster", folder: string): ChildProcess {
  return spawn(process.execPath, [holder, what, folder], { stdio: ["ignore", "pipe", "inherit"] });
}

async function says(child: ChildProcess, word: string): Promise<void> {
  await new Promise<void>((resolve) => {
    let text = "";
    child.stdout?.on("data", (data: Buffer) => {
      text += data.toString();
      if (text.includes(word)) resolve();
    });
    child.once("close", resolve);
  });
}

/** Kills a process as the kernel does when memory is short, and waits until what it held may be gone. */
async function killed(child: ChildProcess, holds: () => boolean): Promise<void> {
  const gone = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await gone;
  for (let tries = 0; tries < 200 && !holds(); tries += 1) await sleep(100);
}

describe.skipIf(missing !== undefined)("a machine", () => {
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  it("is gone when the process that holds it is killed, at any moment of its start", async () => {
    for (const delay of [0, 40, 80, 120, 160, 240, 400, 800]) {
      const folder = newFolder();
      const child = hold("machine", folder);
      await says(child, "begun");
      await sleep(delay);
      const isClean = () => traces(folder).length + left().length === 0;
      await killed(child, isClean);
      expect([...traces(folder), ...left()], `after ${delay} ms`).toEqual([]);
    }
  });

  it("is gone with the cluster in it: no process, mount, link or group stays", async () => {
    const folder = newFolder();
    const child = hold("cluster", folder);
    await says(child, "up");
    expect(traces(folder)).not.toEqual([]);
    const isClean = () => traces(folder).length + left().length === 0;
    await killed(child, isClean);
    expect([...traces(folder), ...left()]).toEqual([]);
  }, 900_000);

  it("shares nothing with another: addresses, processes and files are its own", async () => {
    const [one, other] = await Promise.all([Machine.start(newFolder(), "one"), Machine.start(newFolder(), "other")]);
    expect(one.address).not.toBe(other.address);
    expect([one, other].map((machine) => machine.command("hostname", []).trim())).toEqual(["one", "other"]);
    one.command("bash", ["-c", "echo mine >/run/mark && ip link add only type veth peer name half"]);
    expect(() => other.command("cat", ["/run/mark"])).toThrow("No such file");
    expect(other.command("ip", ["-oneline", "link"])).not.toContain("only");
    expect(() => other.command("ping", ["-c", "1", "-W", "1", one.address])).toThrow("ping");
    await one.stop();
    expect(other.command("hostname", []).trim()).toBe("other");
    await other.stop();
  });
});
