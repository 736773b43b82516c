/** Every command as people type it: what it tells of itself, what it refuses and how, and that no stack trace comes. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { declarations } from "../../../commands/declarations.ts";
import { failureOf } from "../../../commands/failures.ts";
import { command, commands, run, type Ended } from "./support.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "doks-commands-"));
  folders.push(made);
  return made;
}

function expectNoTrace({ stdout, stderr }: Ended): void {
  expect(stdout + stderr).not.toMatch(/^ {4}at |node:internal/m);
}

describe("every command of ours", () => {
  it("is one that declares what it takes, and stands in the README", () => {
    expect(commands.map(([name]) => name).toSorted()).toEqual(Object.keys(declarations).toSorted());
    const readme = readFileSync("README.md", "utf8");
    for (const [name] of commands) expect(readme.includes(`npm run ${name}`), name).toBe(true);
  });

  it.each(commands.map(([name]) => name))("npm run %s -- --help tells what it takes", async (name) => {
    const { code, stdout, stderr } = await run("npm", [
      "run",
      "-s",
      name,
      "--",
      name.length % 2 === 0 ? "-h" : "--help",
    ]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: npm run ${name} -- `));
    expect(stderr).toBe("");
  });
});

describe("a command line that is wrong", () => {
  it.each([
    ["preview -- prod --bsae main", 2, /unknown option '--bsae'.*Did you mean --base\?/],
    ["preview -- prd", 2, /no Pulumi\.prd\.yaml\. Did you mean prod\? There are: local, prod, staging$/],
    ["preview -- stage", 2, /Did you mean staging\?/],
    ["preview", 2, /name a stack: there are local, prod, staging; or --all$/],
    ["preview -- prod staging", 2, /too many arguments/],
    ["preview -- prod --fail-on-exposure", 2, /--fail-on-exposure needs --base$/],
    ["preview -- prod --only costs", 2, /Allowed choices are changes/],
    ["preview -- prod --depth many", 2, /It is a whole number/],
    ["preview -- prod --system gxx", 2, /no system gxx\. Did you mean gx\? There are: bow-mark, bowmark/],
    [
      "preview -- prod --base mian",
      1,
      /mian is not a commit of this repository\. Did you mean main\?|not in a git repository|shallow/,
    ],
    ["drift -- prd", 2, /Did you mean prod\?/],
    ["drift", 2, /name a stack: there are local, prod, staging/],
    ["up -- acme/doks-systems/prd", 2, /Did you mean prod\?/],
    ["up -- --yes prod", 2, /unknown option '--yes'/],
    ["up -- prod --yes --phase dat", 2, /Allowed choices are platform, data, systems/],
    ["up -- prod --phase", 2, /option '--phase <phase>' argument missing/],
    ["up -- prod --phase data --target urn:pulumi:prod::x", 2, /--phase data chooses the resources itself/],
    ["sandbox -- upp prod", 2, /Allowed choices are up, push, preview/],
    ["migrations -- one", 2, /missing required argument 'to'/],
    ["migrations -- /nonexistent systems/bowmark/migrations", 1, /^exit 1: \/nonexistent: it does not exist/],
    ["docs -- --chek", 2, /Did you mean --check\?/],
  ])("npm run %s", async (line, code, words) => {
    const [name = "", ...args] = line.split(" ").filter((word) => word !== "--");
    const ended = await command(name, ...args);
    expect(ended.code).toBe(code);
    expect(ended.last).toMatch(words);
    expect(ended.last.startsWith(`exit ${code}: `), ended.last).toBe(true);
    expectNoTrace(ended);
  });
});

/** Runs as nobody, who has no rights; where the tests do not run as root, as oneself. */
function withoutRights(args: readonly string[], cwd = "."): Promise<Ended> {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) return run(process.execPath, args, { cwd });
  return run("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, ...args], { cwd });
}

describe("a preview that cannot be made", () => {
  const preview = resolve("preview/cli.ts");

  it("says so of a folder for the report, before it renders anything", async () => {
    const file = join(folder(), "file");
    writeFileSync(file, "");
    const refused = [
      [file, /file: it is a file already, not a folder/],
      [`${file}/below`, /a part of its path is a file/],
      ["/", /^exit 1: \/ holds \S+, which is not a preview's; give --out an empty folder$/],
    ] as const;
    for (const [out, words] of refused) {
      const ended = await run(process.execPath, [preview, "local", "--out", out]);
      expect(ended.code).toBe(1);
      expect(ended.last).toMatch(words);
      expect(ended.stdout).toBe("");
      expectNoTrace(ended);
    }
  });

  it("names what the user has no right to", async () => {
    const place = folder();
    chmodSync(place, 0o755);
    writeFileSync(join(place, "Pulumi.local.yaml"), readFileSync("Pulumi.local.yaml"), { mode: 0o000 });
    const unread = await withoutRights([preview, "local"], place);
    expect(unread.code).toBe(1);
    expect(unread.stderr).toContain("give yourself the right to read it");
    expectNoTrace(unread);
    chmodSync(join(place, "Pulumi.local.yaml"), 0o644);
    const closed = join(folder(), "closed");
    const unwritten = await withoutRights([preview, "local", "--out", closed], place);
    expect(unwritten.code).toBe(1);
    expect(unwritten.last).toMatch(/closed: you have no right to it \(EACCES/);
    expectNoTrace(unwritten);
  });

  it("says that the disk is full, of its output too", async () => {
    const { code, stderr } = await run("bash", ["-c", `'${process.execPath}' '${preview}' local > /dev/full`]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^exit 1: the output: there is no space left on the disk/);
  });

  it("ends without a word when nobody reads on", async () => {
    const line = `'${process.execPath}' '${preview}' prod --json | head -c 10`;
    const { stdout, stderr } = await run("bash", ["-c", line]);
    expect(stdout).toHaveLength(10);
    expect(stderr).not.toContain("EPIPE");
  });

  it("says why there is nothing to compare with", async () => {
    const place = folder();
    writeFileSync(join(place, "Pulumi.local.yaml"), readFileSync("Pulumi.local.yaml"));
    const line = [preview, "local", "--base", "main"];
    const outside = await run(process.execPath, line, { cwd: place });
    expect(outside.last).toBe("exit 1: this folder is not in a git repository, so there is no commit to compare with");
    const bin = join(place, "bin");
    const none = await run(process.execPath, line, { cwd: place, env: { PATH: bin } });
    expect(none.last).toMatch(/^exit 1: git is not installed/);
    await run("git", ["-C", place, "init", "-q", "-b", "trunk"]);
    const author = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    for (let i = 0; i < 2; i += 1)
      await run("git", ["-C", place, ...author, "commit", "-q", "--allow-empty", "-m", String(i)]);
    const clone = join(folder(), "clone");
    await run("git", ["clone", "-q", "--depth", "1", `file://${place}`, clone]);
    writeFileSync(join(clone, "Pulumi.local.yaml"), readFileSync("Pulumi.local.yaml"));
    const shallow = await run(process.execPath, [preview, "local", "--base", "HEAD~1"], { cwd: clone });
    expect(shallow.last).toMatch(/^exit 1: HEAD~1 is not in this clone, which is shallow: git fetch --unshallow/);
    for (const ended of [outside, none, shallow]) expectNoTrace(ended);
  });

  it("names the line of a stack file that is not YAML, and a folder of migrations that cannot be read", async () => {
    const place = folder();
    writeFileSync(join(place, "Pulumi.local.yaml"), "config: [\n");
    const broken = await run(process.execPath, [preview, "local"], { cwd: place });
    expect(broken.stderr).toMatch(/Pulumi\.local\.yaml \(file\): is not YAML\n {4}→ mend line \d/);
    expect(broken.last).toBe("exit 1");
    expectNoTrace(broken);
    const text = readFileSync("Pulumi.local.yaml", "utf8");
    writeFileSync(
      join(place, "Pulumi.local.yaml"),
      text.replace("bowmark:", "bowmark:\n    migrations: nowhere/at/all"),
    );
    const unread = await run(process.execPath, [preview, "local"], { cwd: place });
    expect(unread.code).toBe(1);
    expect(unread.stderr).toContain("nowhere/at/all");
    expectNoTrace(unread);
  });

  it("without npm ci says to type it, whichever Node there is", async () => {
    const place = folder();
    for (const file of ["package.json", "commands"]) symlinkSync(resolve(file), join(place, file));
    const copy = join(place, "start.js");
    writeFileSync(copy, readFileSync("commands/start.js", "utf8").replaceAll("../node_modules", "./node_modules"));
    const { code, last } = await run(process.execPath, [copy, "preview/cli.ts", "prod"], { cwd: place });
    expect(code).toBe(1);
    expect(last).toMatch(/^exit 1: the project's packages.* type npm ci/);
  });
});

describe("a mistake in the program", () => {
  it("is one line with what to report, and its trace where somebody asks for it", () => {
    const mistake = new TypeError("x is not a function");
    expect(failureOf(mistake, "npm run preview -- prod", {})).toMatchObject({
      code: 70,
      text: expect.stringMatching(
        /^\S*exit 70\S*: a mistake in this program.*: TypeError: x is not a function\. Report it with the output of `DOKS_TRACE=1 npm run preview -- prod`$/,
      ) as string,
    });
    expect(failureOf(mistake, "", { DOKS_TRACE: "1" }).text).toContain("    at ");
  });
});
