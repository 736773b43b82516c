/** The few calls to GitHub's REST API that pipelines need. Source: docs.github.com/rest, version 2022-11-28. */

/** What a pipeline must bring: GitHub's own sets all of it, another sets it by hand. */
export interface Repository {
  /** `https://api.github.com` */
  readonly api: string;
  /** `owner/name` */
  readonly name: string;
  readonly token: string;
}

/** A variable that is missing, or an answer that is a refusal. */
export class GitHubError extends Error {}

/** Longest text of a comment or an issue. */
export const longestBody = 65_536;

/** @throws {GitHubError} that names the variable that is not set */
export function repositoryOf(env: NodeJS.ProcessEnv): Repository {
  const circle = `${env["CIRCLE_PROJECT_USERNAME"] ?? ""}/${env["CIRCLE_PROJECT_REPONAME"] ?? ""}`;
  const name = env["GITHUB_REPOSITORY"] ?? (circle === "/" ? undefined : circle);
  if (name === undefined) throw new GitHubError("GITHUB_REPOSITORY is not set");
  const token = env["GITHUB_TOKEN"];
  if (token === undefined || token === "") throw new GitHubError("GITHUB_TOKEN is not set");
  return { api: env["GITHUB_API_URL"] ?? "https://api.github.com", name, token };
}

/** @throws {GitHubError} with what GitHub said */
export async function call<T>(repository: Repository, method: string, path: string, body?: object): Promise<T> {
  const response = await asked(`${repository.api}/repos/${repository.name}/${path}`, {
    method,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${repository.token}`,
      "x-github-api-version": "2022-11-28",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  if (!response.ok) throw new GitHubError(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
  return JSON.parse(text) as T;
}

/** A request whose failure says to whom it was. */
async function asked(url: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, options);
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    throw new GitHubError(`${new URL(url).host} cannot be reached: ${String(cause)}`);
  }
}

/** Every page of a list. */
export async function list<T>(repository: Repository, path: string): Promise<T[]> {
  const all: T[] = [];
  for (let page = 1; ; page++) {
    const some = await call<T[]>(
      repository,
      "GET",
      `${path}${path.includes("?") ? "&" : "?"}per_page=100&page=${page}`,
    );
    all.push(...some);
    if (some.length < 100) return all;
  }
}

/** Runs a command line; what went wrong is one line. */
export async function runAsCommand(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
