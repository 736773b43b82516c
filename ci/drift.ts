/**
 * `npm run drift -- prod`: compares the cloud with the state and the program, looks up who changed what by hand in the cluster, and
 * exits with 1 if anything differs. With
 * `GITHUB_TOKEN` and `GITHUB_REPOSITORY` it also maintains one GitHub issue for each stack: opened when the stack
 * drifts, updated by every later run that finds drift, closed when there is none any more.
 */
import { spawnSync } from "node:child_process";
import { declarations } from "../commands/declarations.ts";
import { launcher, needEngine, root } from "../commands/engine.ts";
import { parsed } from "../commands/parse.ts";
import { run } from "../commands/run.ts";
import { findChanged } from "../drift/objects.ts";
import { DriftError, readState } from "../drift/stack-state.ts";
import { byHandLines } from "../drift/text.ts";
import { call, list, longestBody, repositoryOf, type Repository } from "./github.ts";

interface Issue {
  readonly number: number;
  readonly title: string;
}

await run("drift", async (argv) => {
  const given = parsed(declarations.drift(), argv);
  if (given === undefined) return 0;
  const [stack = ""] = given.args;
  // If the engine cannot be run, nothing is known about drift, so no issue is touched.
  needEngine();
  const { status, stdout, stderr } = spawnSync(
    launcher,
    [
      ...["preview", "--refresh", "--expect-no-changes", "--diff", "--non-interactive"],
      ...["--color", "never", "--stack", stack],
    ],
    { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 2 ** 28 },
  );
  const hands = await byHand(stack);
  const drifted = status !== 0 || hands.length > 0;
  console.log([stdout + stderr, ...hands].join("\n"));
  if (process.env["GITHUB_TOKEN"] !== undefined) {
    // What names people's tools comes first: the engine's own text may be cut off.
    const text = [...hands, ...(hands.length > 0 ? [""] : []), stdout + stderr].join("\n");
    await keepIssue(repositoryOf(process.env), stack, drifted ? text : undefined);
  }
  return drifted ? 1 : 0;
});

/** What was changed by hand, as lines; none if nothing was. */
async function byHand(stack: string): Promise<string[]> {
  try {
    const state = readState(stack);
    const lines = byHandLines(await findChanged(state), state);
    return lines.length === 0 ? [] : ["Changed by hand in the cluster:", ...lines];
  } catch (error) {
    if (!(error instanceof DriftError)) throw error;
    return [`Whether anything was changed by hand could not be looked at: ${error.message}`];
  }
}

/**
 * Opens, updates or closes the stack's issue.
 *
 * @param drift output of the engine; undefined if nothing drifted
 */
async function keepIssue(repository: Repository, stack: string, drift: string | undefined): Promise<void> {
  const title = `Drift in ${stack}`;
  const open = await list<Issue>(repository, "issues?state=open&labels=drift");
  const own = open.find((issue) => issue.title === title);
  if (drift === undefined) {
    if (own !== undefined) await call(repository, "PATCH", `issues/${own.number}`, { state: "closed" });
    return;
  }
  const body = [
    `\`${stack}\` is not as its program says, or could not be looked at. \`npm run up -- ${stack} --take-back\` makes it so again;`,
    "a change by hand that should stay belongs into the stack file.",
    "",
    "```",
    drift.slice(0, longestBody - 2000).replaceAll("```", "'''"),
    "```",
  ].join("\n");
  if (own === undefined) await call(repository, "POST", "issues", { title, body, labels: ["drift"] });
  else await call(repository, "PATCH", `issues/${own.number}`, { body });
}
