/** `npm run sandbox`: rehearses a stack on this machine, with the real engine and a simulated DigitalOcean. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { declarations, type SandboxAction } from "../commands/declarations.ts";
import { needEngine } from "../commands/engine.ts";
import { Explained } from "../commands/explained.ts";
import { parsed } from "../commands/parse.ts";
import { run } from "../commands/run.ts";
import { Daemon } from "./daemon.ts";
import { platformOf, Rehearsal, type RunningSandbox } from "./rehearsal.ts";
import { readTimings } from "./timings.ts";
import { hasGo } from "./tools.ts";

/** A stack, and the process that holds what is around it. */
interface Place {
  readonly stack: string;
  readonly daemon: Daemon;
}

await run("sandbox", async (argv) => {
  // What follows a second `--` goes to Pulumi.
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  const given = parsed<{ account?: string; folder: string }>(declarations.sandbox(), argv.slice(0, end));
  if (given === undefined) return 0;
  const [action = "", stack = "local"] = given.args;
  const { folder, account = stack } = given.options;
  const daemon = new Daemon(join(resolve(folder), account));
  return actionsOn({ stack, daemon }, argv.slice(end + 1))[action as SandboxAction]();
});

/** What the sandbox does, by the word for it. Each returns the exit code. */
function actionsOn(place: Place, further: readonly string[]): Readonly<Record<SandboxAction, () => Promise<number>>> {
  const { daemon } = place;
  return {
    up: () => engine(place, ["up", "--yes", ...further]),
    preview: () => engine(place, ["preview", "--diff", ...further]),
    destroy: () => engine(place, ["destroy", "--yes", ...further]),
    start: async () => {
      console.log(`ready${hint(await running(place))}`);
      return 0;
    },
    status: () => {
      const around = daemon.running();
      const state = daemon.pid() === undefined ? "not running" : around === undefined ? "starting" : "running";
      console.log(around === undefined ? state : `${state}${hint(around)}`);
      return Promise.resolve(0);
    },
    stop: async () => {
      const ran = daemon.pid() !== undefined;
      const stopped = await daemon.stop();
      console.log(stopped ? (ran ? "stopped" : "not running") : `it does not end; its log is ${daemon.log}`);
      return stopped ? 0 : 1;
    },
    reset: async () => {
      if (!(await daemon.stop())) return 1;
      rmSync(daemon.folder, { recursive: true, force: true });
      console.log("forgotten");
      return 0;
    },
  };
}

/** Runs a command of the engine on the stack, and shows its output as it comes. Returns the exit code. */
async function engine(place: Place, args: readonly string[]): Promise<number> {
  needEngine();
  const around = await running(place);
  const rehearsal = await Rehearsal.open(place.stack, around);
  const { code } = await rehearsal.run([...args, "--event-log", rehearsal.eventLog], { attached: true });
  await summarise(rehearsal, around);
  return code;
}

/**
 * The sandbox of the stack, which is started if it is not running.
 *
 * @throws {Explained} if it cannot be started
 */
async function running({ stack, daemon }: Place): Promise<RunningSandbox> {
  const found = daemon.running();
  if (found !== undefined) return found;
  if (!hasGo()) {
    throw new Explained("the sandbox builds its servers with Go, which is not installed: https://go.dev/doc/install");
  }
  // Throws if the settings are wrong, before anything is started.
  platformOf(stack);
  console.log("starting (the first time, its servers are built: about five minutes)…");
  return daemon.start(stack, (text) => process.stdout.write(text));
}

async function summarise(rehearsal: Rehearsal, around: RunningSandbox): Promise<void> {
  if (!existsSync(rehearsal.eventLog)) return;
  const { counts, seconds, criticalPath } = readTimings(rehearsal.eventLog, await rehearsal.resources());
  const done = Object.entries(counts).map(([op, count]) => `${count} ${op}`);
  console.log(`\n${seconds} s: ${done.join(", ")}`);
  if (criticalPath.length > 0) console.log("What waited for what, to the last:");
  for (const one of criticalPath) console.log(`${String(one.startedAt).padStart(5)} s  ${one.name}, ${one.seconds} s`);
  console.log(`API calls: ${join(around.folder, "digitalocean.log")}${hint(around)}`);
}

/** Commands that set `KUBECONFIG` for the sandbox's clusters. */
function hint({ folder, env }: RunningSandbox): string {
  const clusters = join(folder, "clusters");
  const made = existsSync(clusters) ? readdirSync(clusters).map((id) => join(clusters, id, "kubeconfig")) : [];
  return [env["KUBECONFIG"] ?? "", ...made]
    .filter((file) => existsSync(file))
    .map((file) => `\nexport KUBECONFIG=${file}`)
    .join("");
}
