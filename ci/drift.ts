/**
 * `npm run drift -- prod`: compares the cloud with the state and the program, and exits with 1 if they differ. With
 * `GITHUB_TOKEN` and `GITHUB_REPOSITORY` it also maintains one GitHub issue for each stack: opened when the stack
 * drifts, updated by every later run that finds drift, closed when there is none any more.
 */
import { spawnSync } from "node:child_process";
import { call, GitHubError, list, longestBody, repositoryOf, runAsCommand, type Repository } from "./github.ts";

interface Issue {
  readonly number: number;
  readonly title: string;
}

await runAsCommand(async () => {
  const [stack, ...more] = process.argv.slice(2);
  if (stack === undefined || more.length > 0) throw new GitHubError("name one stack: npm run drift -- prod");
  const { status, stdout, stderr, error } = spawnSync(
    "pulumi",
    [
      "preview",
      "--refresh",
      "--expect-no-changes",
      "--diff",
      "--non-interactive",
      "--color",
      "never",
      "--stack",
      stack,
    ],
    { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 2 ** 28 },
  );
  // If the engine cannot be run, nothing is known about drift, so no issue is touched.
  if (error !== undefined) throw new GitHubError(`pulumi cannot be run: ${error.message}`);
  console.log(stdout + stderr);
  if (process.env["GITHUB_TOKEN"] !== undefined) {
    await keepIssue(repositoryOf(process.env), stack, status === 0 ? undefined : stdout + stderr);
  }
  return status === 0 ? 0 : 1;
});

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
    `\`${stack}\` is not as its program says, or could not be looked at. \`npm run up -- ${stack} --refresh\` makes it so again;`,
    "a change by hand that should stay belongs into the stack file.",
    "",
    "```",
    drift.slice(0, longestBody - 2000).replaceAll("```", "'''"),
    "```",
  ].join("\n");
  if (own === undefined) await call(repository, "POST", "issues", { title, body, labels: ["drift"] });
  else await call(repository, "PATCH", `issues/${own.number}`, { body });
}
