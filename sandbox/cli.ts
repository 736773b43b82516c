/** `npm run sandbox`: a Kubernetes control plane on this machine, for people. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readStackFile } from "../preview/stack-file.ts";
import { parseSettings } from "../settings/index.ts";
import { startControlPlane } from "./control-plane/control-plane.ts";
import { nodesOf } from "./control-plane/nodes.ts";
import { hasGo } from "./tools.ts";

const usage = `npm run sandbox -- start [stack] [--folder DIR]   a control plane with the nodes of a stack (default local)
npm run sandbox -- status [--folder DIR]          whether it runs, and its kubeconfig
npm run sandbox -- stop [--folder DIR]            ends it; nothing stays but logs

Nothing leaves this machine. Pods are played: they become ready, nothing runs in them.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { folder: { type: "string", default: ".cache/sandbox" } },
});
const [command = "", stack = "local"] = positionals;
const folder = resolve(values.folder);
const kubeconfig = join(folder, "kubeconfig");
const state = join(folder, "pid");
const readyMark = join(folder, "ready");

switch (command) {
  case "start":
    process.exitCode = await start();
    break;
  case "status":
    console.log(
      runningPid() === undefined ? "not running" : isReady() ? `running: export KUBECONFIG=${kubeconfig}` : "starting",
    );
    break;
  case "stop":
    await stop();
    break;
  case "serve":
    await serve();
    break;
  default:
    console.error(usage);
    process.exitCode = 2;
}

/** Starts the process that holds the servers, in the background, and waits until it is ready. */
async function start(): Promise<number> {
  if (runningPid() !== undefined) {
    console.log(isReady() ? `running already: export KUBECONFIG=${kubeconfig}` : "starting already");
    return 0;
  }
  if (!hasGo()) {
    console.error("The sandbox builds its servers with Go, which is not installed: https://go.dev/doc/install");
    return 1;
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const log = openSync(join(folder, "sandbox.log"), "w");
  const args = [fileURLToPath(import.meta.url), "serve", stack, "--folder", folder];
  const server = spawn(process.execPath, args, { detached: true, stdio: ["ignore", log, log] });
  console.log("starting (the first time, its servers are built: about five minutes)…");
  let shown = 0;
  while (server.exitCode === null && server.signalCode === null && !isReady()) {
    await sleep(200);
    const text = readFileSync(join(folder, "sandbox.log"), "utf8");
    process.stdout.write(text.slice(shown));
    shown = text.length;
  }
  server.unref();
  if (!isReady()) {
    console.error(`it did not start; its log is ${folder}/sandbox.log`);
    return 1;
  }
  console.log(`ready: export KUBECONFIG=${kubeconfig}`);
  return 0;
}

/** Holds the servers until it is told to stop; whatever ends it ends them. */
async function serve(): Promise<void> {
  writeFileSync(state, String(process.pid));
  try {
    const { platform } = parseSettings(stack, readStackFile(stack));
    // Told to stop before it is ready, this process just ends, and the kernel ends its servers.
    const plane = await startControlPlane(folder, nodesOf(platform, "min"));
    const ending = new Promise<void>((done) => {
      process.once("SIGTERM", done);
      process.once("SIGINT", done);
    });
    writeFileSync(readyMark, "");
    await ending;
    await plane.stop();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    rmSync(state, { force: true });
    rmSync(readyMark, { force: true });
  }
}

async function stop(): Promise<void> {
  const pid = runningPid();
  if (pid === undefined) {
    console.log("not running");
    return;
  }
  process.kill(pid, "SIGTERM");
  for (let tries = 0; tries < 100 && alive(pid); tries += 1) await sleep(100);
  console.log(alive(pid) ? `process ${pid} does not end; its log is ${folder}/sandbox.log` : "stopped");
}

function isReady(): boolean {
  return runningPid() !== undefined && existsSync(readyMark);
}

/** The process of this folder's sandbox. A number left by one that was killed may be another program's by now. */
function runningPid(): number | undefined {
  if (!existsSync(state)) return undefined;
  const pid = Number(readFileSync(state, "utf8"));
  return alive(pid) && isOurs(pid) ? pid : undefined;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function isOurs(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(folder);
  } catch {
    // No /proc on this system: the number is all there is.
    return true;
  }
}
