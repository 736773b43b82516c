/**
 * Pull requests of a bare repository, merged by git itself. Statuses and words of refusals are GitHub's: docs.github.com,
 * "Merge a pull request" and `MergeStateStatus`.
 */
import { execFileSync, spawnSync } from "node:child_process";

export interface Pull {
  number: number;
  node_id: string;
  html_url: string;
  head: string;
  title: string;
  body: string;
  state: "open" | "closed";
  autoMerge?: string;
  /** Of a request to merge. */
  sha?: string;
  merge_method?: string;
  /** Of a request to GraphQL. */
  variables?: { id: string; method: string };
}

type Answer = [number, unknown];

export class Pulls {
  readonly all: Pull[] = [];
  /** Checks that main's protection requires, and that have not passed. */
  requiredChecks = false;
  /** Whether the settings of the repository let pull requests merge by themselves. */
  autoMergeAllowed = true;
  /** How often a pull request's state is not known yet. */
  unknownFor = 0;
  /** Called before a pull request is merged: somebody else may be faster. */
  beforeMerge: () => void = () => undefined;
  readonly #repository: string;

  constructor(repository: string) {
    this.#repository = repository;
  }

  answer(method: string, path: string, query: URLSearchParams, sent: Partial<Pull>): Answer {
    if (path === "/graphql") return this.#mergesLater(sent);
    const pull = this.all.find(({ number }) => String(number) === path.split("/")[1]);
    if (path === "pulls") {
      const head = query.get("head");
      return method === "GET"
        ? [200, page(this.all, query).filter((one) => `our:${one.head}` === head)]
        : this.#open(sent as Pull);
    }
    if (pull === undefined) return [404, { message: "Not Found" }];
    if (method === "PUT") return this.#merge(pull, sent);
    if (method === "PATCH") return [200, Object.assign(pull, sent)];
    if (this.unknownFor > 0) {
      this.unknownFor -= 1;
      return [200, { ...pull, mergeable: null, mergeable_state: "unknown" }];
    }
    const mergeable = this.#tree(pull.head) !== undefined;
    return [
      200,
      { ...pull, mergeable, mergeable_state: !mergeable ? "dirty" : this.requiredChecks ? "blocked" : "clean" },
    ];
  }

  /** A file of a branch. */
  file(branch: string, path: string): string {
    return this.git("show", `${branch}:${path}`);
  }

  git(...args: string[]): string {
    return execFileSync("git", ["-C", this.#repository, ...args], { encoding: "utf8" }).trim();
  }

  #open(sent: Pull): Answer {
    if (this.all.some(({ head, state }) => head === sent.head && state === "open")) {
      return [422, { message: "Validation Failed", errors: [{ message: `A pull request already exists` }] }];
    }
    const number = this.all.length + 1;
    const html_url = `https://github.com/our/infra/pull/${number}`;
    const made = { ...sent, number, node_id: `PR_${number}`, html_url, state: "open" as const };
    this.all.push(made);
    return [201, made];
  }

  #merge(pull: Pull, { sha, merge_method }: Partial<Pull>): Answer {
    this.beforeMerge();
    if (this.unknownFor > 0) return [405, { message: "Pull Request is not mergeable" }];
    if (this.requiredChecks) return [405, { message: 'Required status check "check" is expected.' }];
    if (sha !== this.git("rev-parse", pull.head)) {
      return [409, { message: "Head branch was modified. Review and try the merge again." }];
    }
    if (merge_method !== "squash") return [405, { message: "Merge commits are not allowed on this repository." }];
    const tree = this.#tree(pull.head);
    if (tree === undefined) return [405, { message: "Pull Request is not mergeable" }];
    const who = ["-c", "user.name=hub", "-c", "user.email=hub@localhost"];
    const merged = this.git(...who, "commit-tree", tree, "-p", "main", "-m", `${pull.title} (#${pull.number})`);
    this.git("update-ref", "refs/heads/main", merged);
    pull.state = "closed";
    return [200, { merged: true, sha: merged }];
  }

  #mergesLater({ variables }: Partial<Pull>): Answer {
    const pull = this.all.find(({ node_id }) => node_id === variables?.id);
    const message = this.autoMergeAllowed ? "Could not resolve" : "Auto merge is not allowed for this repository";
    if (pull === undefined || !this.autoMergeAllowed) return [200, { data: null, errors: [{ message }] }];
    pull.autoMerge = variables?.method ?? "";
    return [200, { data: {} }];
  }

  /** What main would be with a branch merged; undefined if they conflict. */
  #tree(branch: string): string | undefined {
    const { status, stdout } = spawnSync(
      "git",
      ["-C", this.#repository, "merge-tree", "--write-tree", "main", branch],
      { encoding: "utf8" },
    );
    return status === 0 ? stdout.trim() : undefined;
  }
}

/** One page of those that are open. */
export function page<T extends { state?: string }>(things: readonly T[], query: URLSearchParams): T[] {
  const size = Number(query.get("per_page"));
  const number = Number(query.get("page"));
  return things.filter(({ state = "open" }) => state === "open").slice((number - 1) * size, number * size);
}
