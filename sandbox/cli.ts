/** `npm run sandbox`: rehearses a stack on this machine, with the real engine and a simulated DigitalOcean. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { SettingsError } from "../settings/reading/error.ts";
import { Daemon } from "./daemon.ts";
import { engineProblem } from "./engine.ts";
import { platformOf, Rehearsal, type RunningSandbox } from "./rehearsal.ts";
import { readTimings } from "./timings.ts";
import { hasGo } from "./tools.ts";

const usage = `npm run sandbox -- up <stack>        a real \`pulumi up\`: DigitalOcean, Spaces and clusters are simulated on this machine
npm run sandbox -- preview <stack>   what an update would do
npm run sandbox -- destroy <stack>   a real \`pulumi destroy\`
npm run sandbox -- reset <stack>     forgets everything of it
npm run sandbox -- start <stack>     what is around the stack, without the stack: for local, a Kubernetes control plane
npm run sandbox -- status|stop <stack>

Each stack has an account of its own. --account NAME shares one: up staging --account prod. What follows -- goes to
Pulumi. Nothing leaves this machine. Pods are simulated: they become ready, nothing runs in them.`;

const { values, positionals, tokens } = parseArgs({
  allowPositionals: true,
  tokens: true,
  options: { account: { type: "string" }, folder: { type: "string", default: ".cache/sandbox" } },
});
const separator = tokens.find(({ kind }) => kind === "option-terminator")?.index ?? Infinity;
const ownCount = tokens.filter((token) => token.kind === "positional" && token.index < separator).length;
const [command = "", stack = "local"] = positionals.slice(0, ownCount);
const further = positionals.slice(ownCount);
const daemon = new Daemon(join(resolve(values.folder), values.account ?? stack));

const commands: Record<string, () => Promise<number>> = {
  up: () => engine(["up", "--yes"]),
  preview: () => engine(["preview", "--diff"]),
  destroy: () => engine(["destroy", "--yes"]),
  start: async () => {
    const around = await running();
    if (around !== undefined) console.log(`ready${hint(around)}`);
    return around === undefined ? 1 : 0;
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

try {
  const chosen = commands[command];
  if (chosen === undefined) console.error(usage);
  process.exitCode = chosen === undefined ? 2 : await chosen();
} catch (error) {
  console.error(error instanceof SettingsError ? error.message : error);
  process.exitCode = 1;
}

/** Runs a command of the engine on the stack, and shows its output as it comes. Returns the exit code. */
async function engine(args: readonly string[]): Promise<number> {
  const problem = engineProblem();
  if (problem !== undefined) {
    console.error(problem);
    return 1;
  }
  const around = await running();
  if (around === undefined) return 1;
  const rehearsal = await Rehearsal.open(stack, around);
  const { code } = await rehearsal.run([...args, "--event-log", rehearsal.eventLog, ...further], { attached: true });
  await summarise(rehearsal, around);
  return code;
}

/** The sandbox of the stack, which is started if it is not running; undefined if it cannot be started. */
async function running(): Promise<RunningSandbox | undefined> {
  const found = daemon.running();
  if (found !== undefined) return found;
  if (!hasGo()) {
    console.error("The sandbox builds its servers with Go, which is not installed: https://go.dev/doc/install");
    return undefined;
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
