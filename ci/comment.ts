/**
 * `npm run comment -- preview-out staging prod`: writes the summaries of previews as one comment on a pull request.
 * Later runs replace it. A stack without a summary is reported as failed, so that nobody takes it for a stack without
 * changes.
 *
 * Needs `GITHUB_TOKEN`; outside of CircleCI also `GITHUB_REPOSITORY` (`owner/name`) and `PULL_REQUEST` (its number).
 * `RUN_URL` becomes a link to the reports; what leads into one of them is explained at `reportUrls`. `COMMENT_AUTHOR` is the
 * login that the token belongs to, by which the comment to replace is found. Default: `github-actions[bot]`.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { declarations } from "../commands/declarations.ts";
import { parsed } from "../commands/parse.ts";
import { run } from "../commands/run.ts";
import { call, list, longestBody, repositoryOf } from "./github.ts";
import { reportUrls, withAddresses } from "./report-links.ts";

interface Comment {
  readonly id: number;
  readonly body?: string;
  readonly user: { readonly login: string };
}

/** First line of the comment, by which a later run recognizes it; GitHub does not show it. */
const mark = "<!-- doks-systems: preview -->";

await run("comment", async (argv) => {
  const { env } = process;
  const given = parsed(declarations.comment(), argv);
  if (given === undefined) return 0;
  const [folder = "", ...stacks] = given.args;
  const pull = pullRequest(env);
  if (pull === undefined) {
    console.log("no pull request, so nothing to comment on");
    return 0;
  }
  const repository = repositoryOf(env);
  const reportOf = await reportUrls(repository, env, folder);
  const project = `${env["GITHUB_SERVER_URL"] ?? "https://github.com"}/${repository.name}/blob/HEAD`;
  const summaries = stacks.map((stack) => withAddresses(summaryOf(folder, stack), reportOf(stack), project));
  const body = bodyOf(summaries, env["RUN_URL"] ?? env["CIRCLE_BUILD_URL"]);
  const author = env["COMMENT_AUTHOR"] ?? "github-actions[bot]";
  const comments = await list<Comment>(repository, `issues/${pull}/comments`);
  const own = comments.find((comment) => comment.user.login === author && comment.body?.startsWith(mark) === true);
  if (own === undefined) await call(repository, "POST", `issues/${pull}/comments`, { body });
  else await call(repository, "PATCH", `issues/comments/${own.id}`, { body });
  console.log(`${own === undefined ? "wrote" : "replaced"} the comment on #${pull}`);
  return 0;
});

/**
 * Number of the pull request. CircleCI sets an address that ends with it, and sets nothing if the branch has no pull
 * request.
 */
function pullRequest(env: NodeJS.ProcessEnv): number | undefined {
  const [number] = /\d+$/.exec(env["PULL_REQUEST"] ?? env["CIRCLE_PULL_REQUEST"] ?? "") ?? [];
  return number === undefined ? undefined : Number(number);
}

function summaryOf(folder: string, stack: string): string {
  const file = [`${folder}/${stack}`, `${folder}/preview-${stack}`]
    .map((one) => join(one, "summary.md"))
    .find((one) => existsSync(one));
  return file === undefined ? `### \`${stack}\`: 🛑 could not be rendered, see the run\n` : readFileSync(file, "utf8");
}

function bodyOf(summaries: readonly string[], runUrl: string | undefined): string {
  const link = runUrl === undefined ? [] : [`[Reports with picture, manifests and findings](${runUrl}#artifacts)`];
  const whole = [mark, ...summaries, ...link].join("\n");
  if (whole.length <= longestBody) return whole;
  // Folded sections are left out first: what a reviewer must see is never in one.
  const short = summaries.map((text) => text.replaceAll(/<details>[^]*?<\/details>\n?/g, ""));
  return [mark, ...short, "Too long for a comment: the rest is in the reports.", ...link]
    .join("\n")
    .slice(0, longestBody);
}
