/** Calls to GitHub's REST API, as far as pipelines need it. Source: docs.github.com/rest, version 2022-11-28. */
import { Explained } from "../commands/explained.ts";

/** A GitHub repository, and the credential for it. */
export interface Repository {
  /** Address of the API: `https://api.github.com`. */
  readonly api: string;
  /** Owner and name of the repository: `acme/doks-systems`. */
  readonly name: string;
  /** Token with the right to write issues or pull requests; secret. */
  readonly token: string;
}

/** An environment variable is missing, or GitHub refused a request or could not be reached. */
export class GitHubError extends Explained {
  /** HTTP status of the response; undefined if there was none. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** Most characters in a comment or an issue on GitHub. */
export const longestBody = 65_536;

/**
 * The repository that a pipeline runs for, from its environment. GitHub Actions and CircleCI set the name; elsewhere
 * `GITHUB_REPOSITORY` does.
 *
 * @throws {GitHubError} that names the variable that is not set
 */
export function repositoryOf(env: NodeJS.ProcessEnv): Repository {
  const circle = `${env["CIRCLE_PROJECT_USERNAME"] ?? ""}/${env["CIRCLE_PROJECT_REPONAME"] ?? ""}`;
  const name = env["GITHUB_REPOSITORY"] ?? (circle === "/" ? undefined : circle);
  if (name === undefined) throw new GitHubError("GITHUB_REPOSITORY is not set");
  return { api: env["GITHUB_API_URL"] ?? "https://api.github.com", name, token: required(env, "GITHUB_TOKEN") };
}

/**
 * The value of an environment variable.
 *
 * @throws {GitHubError} that names it, if it is not set or empty
 */
export function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === "") throw new GitHubError(`${name} is not set`);
  return value;
}

/**
 * Calls the API.
 *
 * @param path below that of the repository: `issues/7/comments`
 * @returns the parsed response
 * @throws {GitHubError} with status and response, if it is no success
 */
export async function call<T>(repository: Repository, method: string, path: string, body?: object): Promise<T> {
  return answer<T>(repository, method, path, `${repository.api}/repos/${repository.name}/${path}`, body);
}

/**
 * Calls the GraphQL API, for what REST has not. Source: docs.github.com/graphql.
 *
 * @throws {GitHubError} with the first of its errors
 */
export async function graphql(repository: Repository, query: string, variables: object): Promise<void> {
  const address = process.env["GITHUB_GRAPHQL_URL"] ?? `${repository.api}/graphql`;
  const { errors = [] } = await answer<{ errors?: { message: string }[] }>(repository, "POST", "graphql", address, {
    query,
    variables,
  });
  if (errors[0] !== undefined) throw new GitHubError(errors[0].message);
}

async function answer<T>(
  { token }: Repository,
  method: string,
  what: string,
  address: string,
  body: object | undefined,
): Promise<T> {
  const response = await fetchOrExplain(address, {
    method,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "x-github-api-version": "2022-11-28",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  if (!response.ok)
    throw new GitHubError(`${method} ${what}: ${response.status} ${text.slice(0, 300)}`, response.status);
  return JSON.parse(text) as T;
}

/** Fetches; if the server cannot be reached, throws an error that names it. */
async function fetchOrExplain(url: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, options);
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    throw new GitHubError(`${new URL(url).host} cannot be reached: ${String(cause)}`);
  }
}

/** All items of a list in the API, however many pages it has. */
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
