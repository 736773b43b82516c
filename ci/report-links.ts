/**
 * Gives the links in a summary their address: those into the report, where a pipeline has published it, and those into
 * this project's documentation.
 */
import { call, GitHubError, type Repository } from "./github.ts";

/** An artifact of a run, as far as it is read. */
interface Artifact {
  readonly id: number;
  readonly name: string;
}

/**
 * Finds where the report of each stack can be opened; undefined if a reader would have to download it first.
 *
 * `REPORT_URL` says it for any place, with `{stack}` in it: `https://reports.example.com/{stack}/report.html`. CircleCI's
 * artifacts have addresses that are known beforehand. On GitHub it is the artifact `report-<stack>.html` of the run in
 * `RUN_URL`, which a browser can open if it was uploaded without an archive.
 *
 * @param folder of the previews, as the pipeline has stored it
 */
export async function reportUrls(
  repository: Repository,
  env: NodeJS.ProcessEnv,
  folder: string,
): Promise<(stack: string) => string | undefined> {
  const { REPORT_URL: pattern, CIRCLE_WORKFLOW_JOB_ID: job, CIRCLE_NODE_INDEX: node = "0" } = env;
  if (pattern !== undefined && pattern !== "") return (stack) => pattern.replaceAll("{stack}", stack);
  if (job !== undefined) {
    const artifacts = `https://output.circle-artifacts.com/output/job/${job}/artifacts/${node}`;
    return (stack) => `${artifacts}/${folder}/${stack}/report.html`;
  }
  const [, run] = /\/actions\/runs\/(\d+)/.exec(env["RUN_URL"] ?? "") ?? [];
  if (run === undefined) return () => undefined;
  const artifacts = await artifactsOf(repository, run);
  return (stack) => {
    const found = artifacts.find(({ name }) => name === `report-${stack}.html`);
    return found && `${env["RUN_URL"] ?? ""}/artifacts/${found.id}`;
  };
}

/** Artifacts of a run; none if the token may not see them, because a comment without links is better than none. */
async function artifactsOf(repository: Repository, run: string): Promise<readonly Artifact[]> {
  try {
    const path = `actions/runs/${run}/artifacts?per_page=100`;
    return (await call<{ artifacts: readonly Artifact[] }>(repository, "GET", path)).artifacts;
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    console.error(`the comment has no links into the reports: ${error.message}`);
    return [];
  }
}

/**
 * A summary with addresses in its links. A link without one becomes plain text.
 *
 * @param report address of the stack's report
 * @param project address of the repository's files: `https://github.com/acme/infra/blob/HEAD`
 */
export function withAddresses(summary: string, report: string | undefined, project: string): string {
  return summary
    .replaceAll(/\[([^\]\n]*)\]\(report\.html(#[^)\s]*)\)/g, (_, text: string, anchor: string) =>
      report === undefined ? text : `[${text}](${report}${anchor})`,
    )
    .replaceAll(/\]\((docs\/[^)\s]*)\)/g, `](${project}/$1)`);
}
