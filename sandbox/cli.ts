/** `npm run sandbox`: rehearses a stack on this machine, with the real engine and a simulated DigitalOcean. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { declarations, imagesMissing, type SandboxAction } from "../commands/declarations.ts";
import { needEngine } from "../commands/engine.ts";
import { Explained } from "../commands/explained.ts";
import { parsed } from "../commands/parse.ts";
import { run } from "../commands/run.ts";
import { pinnedImages } from "../components/site/images.ts";
import { render } from "../graph/render/render.ts";
import { chooses } from "../phases/options.ts";
import { ownImages } from "../phases/own-images.ts";
import { Daemon } from "./daemon.ts";
import { ending } from "./ending/ending.ts";
import { readEvents } from "./ending/events.ts";
import { locksOn, pendingIn } from "./ending/state.ts";
import { missingForNode } from "./node/needs.ts";
import { ownWords } from "./own-words.ts";
import { platformOf, Rehearsal, type NodeKind, type RunningSandbox } from "./rehearsal.ts";
import { push, stock, type Stock } from "./registry.ts";
import { readTimings } from "./timings.ts";
import { hasGo } from "./tools.ts";
import { LastUpdate } from "./unchanged.ts";

/** A stack, and the process that holds what is around it. */
interface Place {
  readonly stack: string;
  readonly daemon: Daemon;
  readonly node: NodeKind;
  /** What to put into the registries first; undefined to leave them as they are. */
  readonly registry: Stock | undefined;
  /** A command on this stack, as it is typed here. */
  readonly command: (action: SandboxAction) => string;
}

interface Options {
  readonly node: NodeKind;
  readonly account?: string;
  readonly folder: string;
  readonly registry?: Stock;
}

await run("sandbox", async (argv) => {
  const { own, further } = ownWords(argv);
  const declared = declarations.sandbox();
  const given = parsed<Options>(declared, own);
  if (given === undefined) return 0;
  const [action = "", stack = "local"] = given.args;
  const { folder, account = stack, registry, node } = given.options;
  const daemon = new Daemon(join(resolve(folder), account));
  // What is said to be typed next is about this place.
  const named = [
    ...(declared.getOptionValueSource("folder") === "default" ? [] : ["--folder", folder]),
    ...(given.options.account === undefined ? [] : ["--account", account]),
  ];
  const command = (name: SandboxAction) => ["npm run sandbox --", name, ...named, stack].join(" ");
  return actionsOn({ stack, daemon, node, registry, command }, further)[action as SandboxAction]();
});

/** What the sandbox does, by the word for it. Each returns the exit code. */
function actionsOn(place: Place, further: readonly string[]): Readonly<Record<SandboxAction, () => Promise<number>>> {
  const { daemon } = place;
  return {
    up: () =>
      chooses(further)
        ? engine(place, (rehearsal) => previewedFirst(rehearsal, "up", further))
        : update(place, further),
    push: async () => {
      const around = await running(place);
      const { resources, platform } = await render(place.stack);
      const images = [...ownImages(resources, pinnedImages(platform.images)).keys()];
      push(around.folder, images);
      console.log(`pushed, as far as anybody asks:\n${images.map((image) => `  ${image}`).join("\n")}`);
      return 0;
    },
    preview: () => engine(place, (rehearsal) => logged(rehearsal, ["preview", "--diff", ...further])),
    destroy: () => engine(place, (rehearsal) => previewedFirst(rehearsal, "destroy", further)),
    pulumi: () => handOver(place, further),
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

/** Updates the stack, with phases where images are to be pushed; without a preview if there is nothing that it could refuse. */
async function update(place: Place, further: readonly string[]): Promise<number> {
  needEngine();
  const around = await running(place);
  const rehearsal = await Rehearsal.open(place.stack, around);
  const last = new LastUpdate(rehearsal);
  const isRepeated = further.length === 0 && (await last.isRepeated());
  if (isRepeated) console.log("Program, settings and state are those of the last update, so the preview is left out.");
  const code = await rehearsal.updateInOrder(
    (text) => {
      console.log(text);
    },
    (options) => {
      const all = [...options, ...further];
      return isRepeated && options.length === 0
        ? logged(rehearsal, ["up", "--yes", "--skip-preview", ...all])
        : previewedFirst(rehearsal, "up", all);
    },
  );
  if (code === 0) last.keep();
  if (code === 0) await summarise(rehearsal, around);
  if (code !== imagesMissing) conclude(place, rehearsal, code);
  return code;
}

/** Runs a command of the engine in this terminal, with a log of its own. Returns the exit code. */
function logged(rehearsal: Rehearsal, args: readonly string[]): Promise<number> {
  rmSync(rehearsal.eventLog, { force: true });
  return rehearsal.attached([...args, "--event-log", rehearsal.eventLog]);
}

/**
 * Runs a command with its preview, which is a command of its own: with `--yes` Pulumi goes on after a Ctrl-C in the preview.
 *
 * @returns the exit code
 * @throws {Explained} after a Ctrl-C in the preview
 */
async function previewedFirst(
  rehearsal: Rehearsal,
  verb: "up" | "destroy",
  options: readonly string[],
): Promise<number> {
  if (options.some((option) => option === "--skip-preview" || option === "-f"))
    return logged(rehearsal, [verb, "--yes", ...options]);
  const interrupted = new AbortController();
  const interrupt = () => {
    interrupted.abort();
  };
  process.once("SIGINT", interrupt);
  const code = await logged(rehearsal, [...(verb === "up" ? ["preview"] : ["destroy", "--preview-only"]), ...options]);
  process.off("SIGINT", interrupt);
  if (code === 0 && interrupted.signal.aborted) throw new Explained("ended after its preview: nothing was changed");
  return code === 0 ? logged(rehearsal, [verb, "--yes", "--skip-preview", ...options]) : code;
}

/** Runs a command of the engine on the stack, and shows its output as it comes. Returns the exit code. */
async function engine(place: Place, command: (rehearsal: Rehearsal) => Promise<number>): Promise<number> {
  needEngine();
  const around = await running(place);
  const rehearsal = await Rehearsal.open(place.stack, around);
  const code = await command(rehearsal);
  if (code === 0) await summarise(rehearsal, around);
  conclude(place, rehearsal, code);
  return code;
}

/** Runs any command of Pulumi's on the stack as it is. What it prints stays alone on its stream. */
async function handOver(place: Place, words: readonly string[]): Promise<number> {
  needEngine();
  const around = place.daemon.running();
  if (around === undefined) {
    throw new Explained(
      `the sandbox of ${place.stack} does not run; npm run sandbox -- start ${place.stack} starts a new one`,
    );
  }
  const rehearsal = await Rehearsal.asItIs(place.stack, around);
  rmSync(rehearsal.eventLog, { force: true });
  const code = await rehearsal.attached(words);
  conclude(place, rehearsal, code);
  return code;
}

/** Says how a command has ended, unless all is well. */
function conclude({ command }: Place, { eventLog, state, stack }: Rehearsal, code: number): void {
  const events = existsSync(eventLog) ? readEvents(eventLog) : [];
  const lines = ending({ code, events, command, locks: locksOn(state, stack), pending: pendingIn(state, stack) });
  if (lines.length > 0) console.error(`\n${lines.join("\n")}`);
}

/**
 * The sandbox of the stack, which is started if it is not running.
 *
 * @throws {Explained} if it cannot be started
 */
async function running({ stack, daemon, node, registry }: Place): Promise<RunningSandbox> {
  const found = daemon.running() ?? (await started(stack, daemon, node));
  if (registry !== undefined) stock(found.folder, registry);
  return found;
}

async function started(stack: string, daemon: Daemon, node: NodeKind): Promise<RunningSandbox> {
  const missing = node === "real" ? missingForNode() : undefined;
  if (missing !== undefined) throw new Explained(`a real node cannot run here: it needs ${missing}`);
  if (!hasGo()) {
    throw new Explained("the sandbox builds its servers with Go, which is not installed: https://go.dev/doc/install");
  }
  // Throws if the settings are wrong, before anything is started.
  platformOf(stack);
  console.log("starting (the first time, its servers are built: about five minutes)…");
  return daemon.start(stack, node, (text) => process.stdout.write(text));
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
