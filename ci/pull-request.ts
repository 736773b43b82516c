/**
 * `node ci/pull-request.ts <branch> <commit> <title> <text> [squash|merge|rebase]`: opens a pull request for a branch of this
 * repository, or renews the open one, and merges it if a method is given: at once, or, where required checks are not through,
 * as soon as they are. For `ci/carry.sh`.
 *
 * Needs `INFRASTRUCTURE_REPOSITORY` (`owner/name`) and `INFRASTRUCTURE_TOKEN`; GitHub Actions sets neither name, and allows
 * nobody to set one that begins with `GITHUB_`.
 *
 * Exit codes: 0 done, 75 if main has moved so that the branch must be made anew on top of it, 1 anything else.
 */
import { run } from "../commands/run.ts";
import { call, GitHubError, graphql, list, required, type Repository } from "./github.ts";

interface PullRequest {
  readonly number: number;
  readonly node_id: string;
  readonly html_url: string;
  /** Null while GitHub computes it. */
  readonly mergeable: boolean | null;
  /** In lower case, what GraphQL's `MergeStateStatus` has. */
  readonly mergeable_state: string;
}

const methods = ["squash", "merge", "rebase"] as const;
type Method = (typeof methods)[number];

/** As sysexits(3) calls it: to be tried again. */
const moved = 75;

await run("pull-request", async (argv) => {
  const [branch = "", commit = "", title = "", body = "", method = ""] = argv;
  const { env } = process;
  const repository = {
    api: env["GITHUB_API_URL"] ?? "https://api.github.com",
    name: required(env, "INFRASTRUCTURE_REPOSITORY"),
    token: required(env, "INFRASTRUCTURE_TOKEN"),
  };
  if (method !== "" && !isMethod(method)) {
    throw new GitHubError(`MERGE is ${method}: it is ${methods.join(", ")}, or empty where a person merges`);
  }
  const pull = await renewed(repository, branch, title, body);
  if (method === "") {
    console.log(`for a person to merge: ${pull.html_url}`);
    return 0;
  }
  const how = await merged(repository, pull.number, commit, method);
  if (how !== "moved") console.log(`${how}: ${pull.html_url}`);
  return how === "moved" ? moved : 0;
});

function isMethod(text: string): text is Method {
  return methods.some((one) => one === text);
}

/** The branch's open pull request with this title and text. */
async function renewed(repository: Repository, branch: string, title: string, body: string): Promise<PullRequest> {
  const [owner = ""] = repository.name.split("/");
  const [open] = await list<PullRequest>(repository, `pulls?state=open&head=${owner}:${encodeURIComponent(branch)}`);
  if (open === undefined) return call(repository, "POST", "pulls", { head: branch, base: "main", title, body });
  return call(repository, "PATCH", `pulls/${open.number}`, { title, body });
}

/**
 * Merges. A refusal has one status, 405, for many reasons, so the pull request's state tells which one it is. Source:
 * docs.github.com/rest/pulls/pulls, "Merge a pull request", and docs.github.com/graphql/reference/enums, MergeStateStatus.
 *
 * @param commit the branch's head: anything newer is not merged
 * @returns what has happened; "moved" if main has changed so that the branch does not go on top of it
 */
async function merged(
  repository: Repository,
  number: number,
  commit: string,
  method: Method,
): Promise<"merged" | "merges when its checks have passed" | "moved"> {
  for (let attempt = 1; ; attempt++) {
    try {
      await call(repository, "PUT", `pulls/${number}/merge`, { sha: commit, merge_method: method });
      return "merged";
    } catch (error) {
      if (!(error instanceof GitHubError) || (error.status !== 405 && error.status !== 409)) throw error;
      const state = await call<PullRequest>(repository, "GET", `pulls/${number}`);
      if (state.mergeable === null && attempt < 15) {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        continue;
      }
      if (error.status === 409 || state.mergeable === false || state.mergeable_state === "behind") return "moved";
      if (/base branch was modified/i.test(error.message)) return "moved";
      if (state.mergeable_state !== "blocked") throw error;
      await mergesLater(repository, state, method);
      return "merges when its checks have passed";
    }
  }
}

async function mergesLater(repository: Repository, { node_id, html_url }: PullRequest, method: Method): Promise<void> {
  const mutation = `mutation ($id: ID!, $method: PullRequestMergeMethod!) {
    enablePullRequestAutoMerge(input: { pullRequestId: $id, mergeMethod: $method }) { clientMutationId }
  }`;
  try {
    await graphql(repository, mutation, { id: node_id, method: method.toUpperCase() });
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    throw new GitHubError(
      `${html_url} waits for its checks, and would not merge by itself then (${error.message}): allow auto-merge in the settings of ${repository.name}, or merge it by hand`,
    );
  }
}
