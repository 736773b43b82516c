/** The resources of a stack at another commit, rendered by that commit's own program from that commit's stack file. */
import { execFile, execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { Explained } from "../../commands/explained.ts";
import { didYouMean } from "../../commands/meant.ts";
import { resourceOf, type Resource } from "../resource.ts";

/** A stack cannot be rendered at a commit: the commit is unknown, or its own settings are wrong. */
export class BaseError extends Explained {}

const cache = ".cache/preview";

/**
 * The resources of a stack at a commit; empty if the commit has no such stack. The result is cached in a file for each
 * commit.
 *
 * @param reference a branch, a tag, a commit, or whatever else git takes for one
 * @throws {BaseError} if the commit is unknown, or cannot be rendered
 */
export async function renderBase(stack: string, reference: string): Promise<Resource[]> {
  const commit = commitOf(reference);
  const kept = join(cache, `${commit}-${stack}.json`);
  if (existsSync(kept)) return read(readFileSync(kept, "utf8"));
  if (fileAt(commit, `Pulumi.${stack}.yaml`) === undefined) return [];
  const text = await renderIn(commit, stack);
  mkdirSync(cache, { recursive: true });
  // Written to a file of its own first, so that another process never reads half of it.
  const partial = `${kept}.${process.pid}`;
  writeFileSync(partial, text);
  renameSync(partial, kept);
  return read(text);
}

/** The resources in the output of a commit's preview. An older one may lack fields, which get their defaults. */
function read(text: string): Resource[] {
  const printed = JSON.parse(text) as Parameters<typeof resourceOf>[0][];
  // Older previews print each connection as a text; those are left out.
  return printed.map((one) => resourceOf({ ...one, connectsTo: one.connectsTo?.filter(isConnection) ?? [] }));
}

function isConnection(printed: unknown): boolean {
  return typeof printed === "object";
}

/**
 * The commit that a reference names, in full.
 *
 * @throws {BaseError} if there is none
 */
export function commitOf(reference: string): string {
  try {
    return git("rev-parse", "--verify", "--quiet", `${reference}^{commit}`).trim();
  } catch (error) {
    throw new BaseError(whyNone(reference, (error as NodeJS.ErrnoException).code === "ENOENT"));
  }
}

/** Why git knows no commit by that name, and what to do. */
function whyNone(reference: string, withoutGit: boolean): string {
  if (withoutGit) return "git is not installed, and --base compares with a commit: https://git-scm.com/downloads";
  const shallow = told("rev-parse", "--is-shallow-repository");
  if (shallow === undefined) return "this folder is not in a git repository, so there is no commit to compare with";
  if (shallow === "true") {
    return `${reference} is not in this clone, which is shallow: git fetch --unshallow, or fetch-depth: 0 in a pipeline`;
  }
  const names = told("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags") ?? "";
  const known = names.split("\n").filter((name) => name !== "");
  const remote = known.find((name) => name.endsWith(`/${reference}`));
  const meant = remote === undefined ? didYouMean(reference, known) : ` Did you mean ${remote}?`;
  return `${reference} is not a commit of this repository.${meant} Fetch it first, or name another --base`;
}

/** What git answers; undefined if it refuses. */
function told(...args: string[]): string | undefined {
  try {
    return git(...args).trim();
  } catch {
    return undefined;
  }
}

/** Text of a file at a commit; undefined if the commit has no such file. */
export function fileAt(commit: string, path: string): string | undefined {
  try {
    return git("show", `${commit}:./${path}`);
  } catch {
    return undefined;
  }
}

/** The commit that is checked out, and whether files differ from it; undefined outside of a git repository. */
export function head(): { readonly commit: string; readonly changed: boolean } | undefined {
  try {
    return { commit: git("rev-parse", "HEAD").trim(), changed: git("status", "--porcelain").trim() !== "" };
  } catch {
    return undefined;
  }
}

/** Runs that commit's preview on its own files, with the packages that are installed here. */
async function renderIn(commit: string, stack: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "doks-base-"));
  try {
    const archive = execFileSync("git", ["archive", commit], { maxBuffer: 2 ** 30 });
    execFileSync("tar", ["-x", "-C", folder], { input: archive });
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ["preview/cli.ts", stack, "--json"], {
      cwd: folder,
      maxBuffer: 2 ** 30,
    });
    return stdout;
  } catch (error) {
    const { stderr = "" } = error as { stderr?: string };
    throw new BaseError(`${stack} cannot be rendered at ${commit.slice(0, 7)}:\n${stderr.trim() || String(error)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function git(...args: string[]): string {
  return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}
