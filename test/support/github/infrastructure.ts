/** This project as applications' pipelines see it: on a played GitHub, and checked out from there. */
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Hub, rightToken } from "./hub.ts";

export interface Ended {
  readonly code: number | null;
  /** Standard output and errors. */
  readonly output: string;
}

export class Infrastructure {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "doks-apps-")));
  readonly hub: Hub;
  /** What every process here starts with. */
  env: Record<string, string> = {};
  #clones = 0;

  private constructor() {
    this.hub = new Hub(this.folder);
  }

  /** The project's last commit is main. */
  static async start(): Promise<Infrastructure> {
    const made = new Infrastructure();
    mkdirSync(join(made.folder, "our"));
    made.git(".", "clone", "--quiet", "--bare", resolve("."), join(made.folder, "our/infra.git"));
    const bare = join(made.folder, "our/infra.git");
    made.git(bare, "update-ref", "refs/heads/main", "HEAD");
    made.git(bare, "symbolic-ref", "HEAD", "refs/heads/main");
    made.git(bare, "config", "http.receivepack", "true");
    made.git(bare, "config", "receive.advertisePushOptions", "true");
    const address = await made.hub.start();
    mkdirSync(join(made.folder, "bin"));
    made.previews("real");
    made.env = {
      PATH: `${join(made.folder, "bin")}:${process.env["PATH"] ?? ""}`,
      HOME: made.folder,
      GITHUB_API_URL: address,
      INFRASTRUCTURE_REPOSITORY: "our/infra",
      INFRASTRUCTURE_TOKEN: rightToken,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: `url.${address}/.insteadOf`,
      GIT_CONFIG_VALUE_0: "https://github.com/",
    };
    return made;
  }

  /** Makes a program of this name the first on the path. */
  program(name: string, script: string): void {
    const file = join(this.folder, "bin", name);
    writeFileSync(file, `#!/bin/bash\n${script}\n`);
    chmodSync(file, 0o755);
  }

  /**
   * What becomes of previews: made, let pass or refused without being made, where a test is about something else, or answered
   * with the environment that they are given. `npm ci` links the packages from here.
   */
  previews(which: "real" | "passed" | "refused" | "environment"): void {
    const instead = { real: ":", passed: "exit 0", refused: "exit 3", environment: "exec env" }[which];
    const answers = `case "$*" in ci) exec ln -s ${resolve("node_modules")} node_modules ;; *" preview -- "*) ${instead} ;; esac`;
    this.program("npm", `${answers}\nexec ${real("npm")} "$@"`);
  }

  /**
   * A checkout as pipelines make it: of main alone, without its history and without a credential.
   *
   * @param prepared whether `npm ci` has been run in it
   */
  clone(into = join(this.folder, `clone-${(this.#clones += 1)}`), prepared = true): string {
    const bare = `file://${join(this.folder, "our/infra.git")}`;
    this.git(".", "clone", "--quiet", "--depth", "1", "--branch", "main", bare, into);
    this.git(into, "remote", "set-url", "origin", "https://github.com/our/infra");
    if (prepared) symlinkSync(resolve("node_modules"), join(into, "node_modules"));
    return into;
  }

  async run(folder: string, script: string, more: Record<string, string> = {}): Promise<Ended> {
    const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], {
      cwd: folder,
      env: { ...this.env, ...more },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (output += data.toString()));
    const code = await new Promise<number | null>((done) => child.on("close", done));
    return { code, output };
  }

  git(folder: string, ...args: string[]): string {
    const { status, stdout, stderr } = spawnSync("git", ["-C", folder, ...args], { encoding: "utf8" });
    if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
    return stdout.trim();
  }

  /** Somebody else's change of main. */
  changeMain(path: string, change: (text: string) => string, message: string): void {
    const clone = this.clone();
    writeFileSync(join(clone, path), change(readFileSync(join(clone, path), "utf8")));
    this.git(clone, "-c", "user.name=other", "-c", "user.email=other@localhost", "commit", "-qam", message);
    this.git(clone, "push", "--quiet", join(this.folder, "our/infra.git"), "HEAD:main");
  }

  stop(): void {
    this.hub.stop();
    rmSync(this.folder, { recursive: true });
  }
}

/** Where a program is on this machine. */
function real(name: string): string {
  return spawnSync("bash", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
}
