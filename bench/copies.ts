/**
 * Whether time and memory grow with the size of a stack and not faster: the five systems of a stack in 1, 5 and 20 copies on one
 * platform, and how long each part of a preview takes. Prints seconds, microseconds and kilobytes for each resource, and their
 * ratio to one copy, which should stay at 1 or below it.
 *
 *     npm run bench:copies -- [stack] [copies …]
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { declarations } from "../commands/declarations.ts";
import { parsed } from "../commands/parse.ts";
import { run } from "../commands/run.ts";

const worker = fileURLToPath(new URL("copies/measure.ts", import.meta.url));

/** What one process measured. */
export interface Measured {
  readonly resources: number;
  /** Seconds by part. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Bytes on the heap that are still in use, with the graphs and the review; and most that the process had. */
  readonly memory: { readonly held: number; readonly most: number };
}

await run("bench:copies", (argv) => {
  const command = parsed(declarations["bench:copies"](), argv);
  if (command === undefined) return Promise.resolve(0);
  const [stack = "prod", ...given] = command.args;
  const folder = mkdtempSync(join(tmpdir(), "doks-bench-"));
  const numbers = given.length === 0 ? [1, 5, 20] : given.map(Number);
  const all = numbers.map((copies) => ({ copies, ...measure(stack, copies, folder) }));
  rmSync(folder, { recursive: true });
  const [one] = all;
  if (one === undefined) throw new Error("no number of copies");

  console.log(`${stack}: ${all.map(({ copies, resources }) => `${copies} × = ${resources} resources`).join(", ")}`);
  const row = (what: string, cells: readonly string[]) => {
    console.log([what.padEnd(28), ...cells.map((cell) => cell.padStart(24))].join(""));
  };
  row(
    "seconds (µs each, ratio)",
    all.map(({ copies }) => `${copies} ×`),
  );
  for (const part of Object.keys(one.seconds)) {
    const each = (of: Measured) => (of.seconds[part] ?? 0) / of.resources;
    row(
      part,
      all.map(
        (of) =>
          `${(of.seconds[part] ?? 0).toFixed(3)} (${(each(of) * 1e6).toFixed(0)}, ${(each(of) / each(one)).toFixed(2)})`,
      ),
    );
  }
  row(
    "megabytes (kB each, ratio)",
    all.map(({ copies }) => `${copies} ×`),
  );
  for (const kind of ["held", "most"] as const) {
    const each = (of: Measured) => of.memory[kind] / of.resources;
    row(
      kind,
      all.map(
        (of) =>
          `${(of.memory[kind] / 1e6).toFixed(0)} (${(each(of) / 1e3).toFixed(1)}, ${(each(of) / each(one)).toFixed(2)})`,
      ),
    );
  }
  return Promise.resolve(0);
});

function measure(stack: string, copies: number, folder: string): Measured {
  // A process for each number: what was compiled and collected for one would help the next.
  const args = ["--expose-gc", "--max-old-space-size=8192", worker, stack, String(copies), folder];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout.slice(stdout.lastIndexOf("\n{") + 1)) as Measured;
}
