/** Completion, asked for as real shells ask. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { candidates } from "../../../commands/completion/candidates.ts";
import { command, run } from "./support.ts";

describe("what may come next", () => {
  it.each([
    ["npm run previ", ["preview", "preview:engine"]],
    ["npm run preview -- ", ["local", "prod", "staging"]],
    ["npm run preview ", ["--", "local", "prod", "staging"]],
    ["npm run preview -- prod --fail-on-p", ["--fail-on-policy"]],
    // An option that is given already is not offered again.
    ["npm run preview -- prod --json --js", []],
    ["npm run preview -- prod --system g", ["gx"]],
    ["npm run preview -- staging --against p", ["prod"]],
    ["npm run preview -- prod --only ", ["changes"]],
    ["npm run preview -- prod --base=HEA", ["--base=HEAD"]],
    ["npm run preview -- --base HEAD st", ["staging"]],
    ["npm run sandbox -- de", ["destroy"]],
    ["npm run sandbox -- up ", ["local", "prod", "staging"]],
    ["npm run comment -- out prod st", ["staging"]],
    ["npm run explain -- gx.database.si", ["gx.database.size"]],
    [
      "npm run explain -- gx.workloads.svc-identity.resources.limits.",
      ["gx.workloads.svc-identity.resources.limits.cpu", "gx.workloads.svc-identity.resources.limits.memory"],
    ],
    ["npm run explain -- platform.pools.gen", ["platform.pools.general", "platform.pools.general."]],
    ["npm run nothing -- ", []],
  ])("after '%s'", (line, expected) => {
    expect(candidates(line)).toEqual(expected);
  });
});

/** Lines with the cursor at their end, as a user leaves them, and what the shell makes of them. */
const lines: readonly (readonly [line: string, replies: readonly string[]])[] = [
  ["npm run preview -- st", ["staging"]],
  // Bash ends a word at a colon and an equals sign.
  ["npm run preview:e", ["engine"]],
  ["npm run preview -- prod --base=HEA", ["HEAD"]],
  ["npm run explain -- gx.database.si", ["gx.database.size"]],
];

describe("bash", () => {
  it.each(lines)("completes %s", async (line, replies) => {
    const script = [
      `source <(cat commands/completion/complete.bash)`,
      `COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}; read -ra COMP_WORDS <<<"$COMP_LINE"`,
      "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))",
      // What \`complete\` has registered for npm is what a TAB calls.
      "$(complete -p npm | sed 's/.*-F \\([^ ]*\\) .*/\\1/') npm",
      `printf '%s\\n' "\${COMPREPLY[@]}"`,
    ].join("\n");
    const { stdout, stderr } = await run("bash", ["--norc", "-c", script]);
    expect(stderr).toBe("");
    expect(stdout.trim().split("\n")).toEqual(replies);
  });

  it("leaves to npm what is npm's, and what is in other folders", async () => {
    const script = [
      "_npm_completion() { COMPREPLY=(of-npm); }; complete -F _npm_completion npm",
      `source '${resolve("commands/completion/complete.bash")}'`,
      "COMP_LINE='npm inst'; COMP_POINT=8; COMP_WORDS=(npm inst); COMP_CWORD=1; _doks_systems npm inst npm",
      'echo "${COMPREPLY[@]}"',
      "cd /; COMP_LINE='npm run x'; COMP_POINT=9; COMP_WORDS=(npm run x); COMP_CWORD=2; _doks_systems npm x run",
      'echo "${COMPREPLY[@]}"',
    ].join("\n");
    expect((await run("bash", ["--norc", "-c", script])).stdout).toBe("of-npm\nof-npm\n");
  });
});

const hasZsh = spawnSync("zsh", ["--version"]).status === 0;
const hasFish = spawnSync("fish", ["--version"]).status === 0;
if (!hasZsh || !hasFish) console.warn("skipped: completion in zsh and fish, where they are not installed");

describe.skipIf(!hasFish)("fish", () => {
  it("completes as the others do", async () => {
    const script = [
      "source commands/completion/complete.fish",
      "complete -C 'npm run preview -- st'",
      "complete -C 'npm run explain -- gx.database.si'",
    ].join("; ");
    const { stdout } = await run("fish", ["--no-config", "-c", script]);
    expect(stdout).toMatch(/^staging\b/m);
    expect(stdout).toMatch(/^gx\.database\.size\b/m);
  });
});

describe.skipIf(!hasZsh)("zsh", () => {
  it("completes as the others do", async () => {
    // The function that compdef has registered, with what zsh gives to it; compadd is where its candidates go.
    const script = [
      "autoload -Uz compinit; compinit -u -D",
      "source commands/completion/complete.zsh",
      'compadd() { shift; print -l -- "$@" }',
      "words=(npm run preview -- st); CURRENT=5; ${_comps[npm]}",
    ].join("\n");
    const { stdout } = await run("zsh", ["-f", "-c", script]);
    expect(stdout.trim()).toBe("staging");
  });
});

describe("npm run completion", () => {
  it("prints the script of a shell, and says which shells there are", async () => {
    const { stdout } = await command("completion", "bash");
    expect(stdout).toContain("complete -o default -F _doks_systems npm");
    const { code, last } = await command("completion", "ksh");
    expect(code).toBe(2);
    expect(last).toContain("Allowed choices are bash, zsh, fish");
  });
});
