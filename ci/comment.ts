/**
 * `npm run comment -- preview-out/staging/summary.md …`: puts the summaries on a pull request, as one comment that later runs
 * replace. Needs `GITHUB_TOKEN`, `GITHUB_REPOSITORY` (`owner/name`) and `PULL_REQUEST` (its number); `RUN_URL` becomes a link
 * to the reports.
 */
import { readFileSync } from "node:fs";
import { call, GitHubError, list, longestBody, repositoryOf, required, runAsCommand } from "./github.ts";

/** By which a later run knows its own comment; not shown. */
const mark = "<!-- doks-systems: preview -->";

await runAsCommand(async () => {
  const files = process.argv.slice(2);
  if (files.length === 0)
    throw new GitHubError("name the summaries: npm run comment -- preview-out/staging/summary.md …");
  const repository = repositoryOf(process.env);
  const pull = Number(required(process.env, "PULL_REQUEST"));
  const body = bodyOf(
    files.map((file) => readFileSync(file, "utf8")),
    process.env["RUN_URL"],
  );
  const comments = await list<{ id: number; body?: string }>(repository, `issues/${pull}/comments`);
  const own = comments.find((comment) => comment.body?.startsWith(mark) === true);
  if (own === undefined) await call(repository, "POST", `issues/${pull}/comments`, { body });
  else await call(repository, "PATCH", `issues/comments/${own.id}`, { body });
  console.log(`${own === undefined ? "wrote" : "replaced"} the comment on #${pull}`);
  return 0;
});

function bodyOf(summaries: readonly string[], runUrl: string | undefined): string {
  const link = runUrl === undefined ? [] : [`[Reports with picture, manifests and findings](${runUrl}#artifacts)`];
  const whole = [mark, ...summaries, ...link].join("\n");
  if (whole.length <= longestBody) return whole;
  // What is folded goes first; what one must see is never in a fold.
  const short = summaries.map((text) => text.replaceAll(/<details>[^]*?<\/details>\n?/g, ""));
  return [mark, ...short, "Too long for a comment: the rest is in the reports.", ...link]
    .join("\n")
    .slice(0, longestBody);
}
