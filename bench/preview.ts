/**
 * How long the offline preview takes as a whole process, against its floor in the same run: Node, the SDKs the program uses,
 * and a mock program of as many plain resources. Prints seconds and the ratio; the goal is 1.5. Then the same with the
 * difference against the last commit (goal: under 3 s, that commit once rendered), and with the report written (under 5 MB).
 *
 *     npm run bench:preview -- [stack] [rounds]
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { declarations } from "../commands/declarations.ts";
import { parsed } from "../commands/parse.ts";
import { run } from "../commands/run.ts";
import { render } from "../graph/render/render.ts";

await run("bench:preview", async (argv) => {
  const given = parsed(declarations["bench:preview"](), argv);
  if (given === undefined) return 0;
  const [stack = "prod", rounds = "9"] = given.args;
  const { resources } = await render(stack);
  const custom = resources.filter((resource) => resource.custom).length;
  const components = resources.length - custom;

  const floor = ["bench/floor.ts", String(custom), String(components)];
  const preview = ["preview/cli.ts", stack];
  const folder = mkdtempSync(join(tmpdir(), "doks-bench-"));
  const against = [...preview, "--base", "HEAD"];
  const report = [...against, "--out", folder];

  // Each once to fill the compile cache, then in turns, so that a busy machine is busy for both.
  seconds(floor);
  seconds(preview);
  seconds(report);
  const runs = Array.from({ length: Number(rounds) }, () => ({
    floor: seconds(floor),
    preview: seconds(preview),
    against: seconds(against),
    report: seconds(report),
  }));
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  const [low, high] = [median(runs.map((run) => run.floor)), median(runs.map((run) => run.preview))];
  const [difference, written] = [median(runs.map((run) => run.against)), median(runs.map((run) => run.report))];
  const megabytes = statSync(join(folder, "report.html")).size / 1e6;
  rmSync(folder, { recursive: true });
  console.log(`${stack}: ${custom} resources in ${components} components, median of ${rounds}`);
  console.log(`floor ${low.toFixed(2)} s, preview ${high.toFixed(2)} s, ratio ${(high / low).toFixed(2)}`);
  console.log(
    `against the last commit ${difference.toFixed(2)} s; with the report ${written.toFixed(2)} s, ${megabytes.toFixed(1)} MB`,
  );
  return 0;
});

function seconds(args: readonly string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return (performance.now() - start) / 1000;
}
