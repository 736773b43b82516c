/**
 * How long real updates take in the sandbox: the first, one that changes nothing, one that changes a tag. The first is
 * compared with its chain of waits; the second with the engine's own floor, a program of as many plain resources; goals
 * 1.2 and 1.3.
 *
 *     npm run bench:engine -- [stack]
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { declarations } from "../commands/declarations.ts";
import { needEngine, root } from "../commands/engine.ts";
import { parsed } from "../commands/parse.ts";
import { run } from "../commands/run.ts";
import { pulumi, writeProject } from "../sandbox/engine.ts";
import { platformOf, Rehearsal } from "../sandbox/rehearsal.ts";
import { readTimings } from "../sandbox/timings.ts";
import { startWorld } from "../sandbox/world.ts";

await run("bench:engine", async (argv) => {
  const given = parsed(declarations["bench:engine"](), argv);
  if (given === undefined) return 0;
  const [stack = "prod"] = given.args;
  needEngine();
  const folder = mkdtempSync(join(tmpdir(), "doks-bench-"));
  const world = await startWorld(folder, platformOf(stack));
  try {
    const rehearsal = await Rehearsal.open(stack, world);
    const update = async () => {
      const { code, output, seconds } = await rehearsal.run([
        ...["up", "--yes", "--skip-preview", "--event-log", rehearsal.eventLog],
      ]);
      if (code !== 0) throw new Error(output);
      return seconds;
    };
    const first = await update();
    const resources = await rehearsal.resources();
    const { criticalPath } = readTimings(rehearsal.eventLog, resources);
    const waits = criticalPath.reduce((sum, { seconds }) => sum + seconds, 0);
    console.log(`${stack}: ${resources.length} resources`);
    console.log(
      `first: ${first.toFixed(0)} s, of which its longest chain ${waits} s, ratio ${(first / waits).toFixed(2)}`,
    );
    for (const { name, startedAt, seconds } of criticalPath)
      console.log(`${String(startedAt).padStart(7)} s  ${name}, ${seconds} s`);

    const floor = await openFloor(resources.length, folder, world.env);
    await update();
    const runs = [];
    for (let round = 0; round < 5; round += 1) runs.push({ own: await update(), floor: await floor() });
    const [own, low] = [median(runs.map((one) => one.own)), median(runs.map((one) => one.floor))];
    console.log(`unchanged: ${own.toFixed(1)} s, floor ${low.toFixed(1)} s, ratio ${(own / low).toFixed(2)}`);

    await rehearsal.configure({ "doks-systems:gx": { imageTag: "2.0.1" } });
    console.log(`another tag of GX: ${(await update()).toFixed(0)} s`);
  } finally {
    await world.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
});

/** An unchanged update of the floor, in the same engine and kind of state. */
async function openFloor(
  count: number,
  folder: string,
  surroundings: Readonly<Record<string, string>>,
): Promise<() => Promise<number>> {
  const own = join(folder, "floor");
  const program = join(root, "bench/engine-floor");
  mkdirSync(own);
  writeProject(own, program);
  const env = { ...surroundings, PULUMI_BACKEND_URL: `file://${own}`, PULUMI_CONFIG_PASSPHRASE: "bench" };
  const must = async (...args: string[]) => {
    const { code, output, seconds } = await pulumi([...args, "--stack", "floor", "--cwd", own], env);
    if (code !== 0) throw new Error(output);
    return seconds;
  };
  await must("stack", "init");
  await must("config", "set", "count", String(count));
  const update = () => must("up", "--yes", "--skip-preview", "--non-interactive");
  await update();
  return update;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
