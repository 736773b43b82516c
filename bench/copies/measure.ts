/** Measures one number of copies for `bench/copies.ts`, and prints it as JSON. */
import { maskedResources } from "../../graph/masking.ts";
import { readStackFile, type Patch } from "../../graph/render/configuration.ts";
import type { Rendering } from "../../graph/render/render.ts";
import { runProgram } from "../../graph/render/run.ts";
import { evaluate } from "../../policy/evaluate.ts";
import { readWaivers } from "../../policy/waivers.ts";
import { picture } from "../../preview/picture/picture.ts";
import { reportPage } from "../../preview/page/page.ts";
import { manifests, writePreview } from "../../preview/report/files.ts";
import { sectionsOf } from "../../preview/report/sections/index.ts";
import { sectionLines } from "../../preview/report/terminal/sections.ts";
import { terminalTree } from "../../preview/report/terminal/tree.ts";
import { summary } from "../../preview/report/summary.ts";
import { capacity } from "../../preview/review/capacity/capacity.ts";
import { cost } from "../../preview/review/cost/cost.ts";
import { dataFates } from "../../preview/review/data/fates.ts";
import { difference } from "../../preview/review/difference.ts";
import { review } from "../../preview/review/review.ts";
import { parseSettings } from "../../systems/settings.ts";
import type { Measured } from "../copies.ts";
import { copiesOf } from "./program.ts";

const [stack = "prod", count = "1", folder = "."] = process.argv.slice(2);
const most = Number(count);

/** Pools that grow with the number of copies, twenty of which are just within what a cluster may have. */
function sized(copies: number): Patch {
  const pool = (min: number, max: number) => ({ min: min * copies, max: max * copies });
  const pools = { general: pool(5, 13), "default-pool": pool(4, 6), "dedicated-cpu-optimized": pool(4, 6) };
  return {
    "doks-systems:platform": { pools },
    "doks-systems:dotdo": { workloads: { dotdo: { autoscaling: { max: 25 } } } },
  };
}

async function rendered(copies: number, tag: string): Promise<Rendering> {
  const patch = { ...sized(copies), "doks-systems:gx": { imageTag: tag } };
  const { platform, facts, withPlaceholders } = parseSettings(stack, readStackFile(stack, patch));
  const graph = await runProgram(copiesOf(copies), stack, withPlaceholders());
  return { ...graph, platform, facts, missing: [], notices: [] };
}

async function measured(copies: number): Promise<Measured> {
  const seconds: Record<string, number> = {};
  const timed = async <Result>(part: string, run: () => Result | Promise<Result>, times = 3): Promise<Result> => {
    let result = undefined as Result;
    // The fastest of some: what else the machine did is not of interest.
    for (let round = 0; round < times; round += 1) {
      const start = performance.now();
      result = await run();
      const took = (performance.now() - start) / 1000;
      seconds[part] = Math.min(seconds[part] ?? Infinity, took);
    }
    return result;
  };
  const rendering = await timed("render", () => rendered(copies, "2.0.1"), 2);
  const before = maskedResources(await rendered(copies, "2.0.0"));
  if (new Set(rendering.resources.map(({ urn }) => urn)).size !== rendering.resources.length)
    throw new Error("a URN twice");
  const after = await timed("mask", () => maskedResources(rendering));
  await timed("policy", () => evaluate(stack, after, readWaivers()));
  await timed("capacity", () => capacity(after));
  await timed("cost", () => cost(after));
  const changes = await timed("difference", () => difference(before, after));
  await timed("data", () => dataFates(before, after, changes));
  const base = { reference: "main", resources: before };
  const reviewed = await timed("whole review", () => review(rendering, readWaivers(), base));
  await timed("sections", () => sectionLines(sectionsOf(reviewed), false));
  await timed("tree", () => terminalTree(reviewed));
  await timed("summary", () => summary(reviewed));
  await timed("picture", () => picture(after));
  await timed("page", () => reportPage(reviewed), 1);
  await timed("manifests", () => manifests(after));
  await timed("files", () => writePreview(reviewed, folder), 1);
  globalThis.gc?.();
  const memory = { held: process.memoryUsage().heapUsed, most: process.resourceUsage().maxRSS * 1024 };
  return { resources: rendering.resources.length, seconds, memory };
}

// The first run compiles.
await measured(1);
console.log(`\n${JSON.stringify(await measured(most))}`);
