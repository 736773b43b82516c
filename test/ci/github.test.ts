/** The pipelines' scripts against a server that answers as GitHub does. */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Hub, rightToken } from "../support/github/hub.ts";

const { version } = JSON.parse(readFileSync("node_modules/pulumi/package.json", "utf8")) as { version: string };

describe("what pipelines tell GitHub", () => {
  let hub: Hub;
  let env: Record<string, string>;
  let folder: string;
  beforeEach(async () => {
    hub = new Hub();
    folder = mkdtempSync(join(tmpdir(), "doks-ci-"));
    env = {
      ...{
        GITHUB_API_URL: await hub.start(),
        GITHUB_REPOSITORY: "our/infra",
        GITHUB_TOKEN: rightToken,
        PULL_REQUEST: "7",
      },
      PATH: process.env["PATH"] ?? "",
      PULUMI_HOME: folder,
    };
  });
  afterEach(() => {
    hub.stop();
    rmSync(folder, { recursive: true });
  });

  const run = (script: string, args: string[], more: Record<string, string> = {}) =>
    new Promise<{ code: number | null; output: string }>((resolve) => {
      const child = spawn(process.execPath, [`ci/${script}.ts`, ...args], { env: { ...env, ...more } });
      let output = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (data: Buffer) => (output += data.toString()));
      child.on("close", (code) => {
        resolve({ code, output });
      });
    });
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  describe("comment", () => {
    const summary = (stack: string, text: string) => {
      mkdirSync(join(folder, stack), { recursive: true });
      file(`${stack}/summary.md`, text);
    };
    const comment = (more: Record<string, string> = {}) => run("comment", [folder, "staging", "prod"], more);

    it("writes one comment for all stacks, and replaces it at the next run", async () => {
      for (let i = 0; i < 130; i++) {
        hub.comments.push({ id: i + 1, number: 0, body: `someone's word ${i}`, user: { login: "someone" } });
      }
      summary("staging", "### staging\n");
      summary("prod", "### prod\n");
      expect(await comment({ RUN_URL: "https://ci/1" })).toMatchObject({ code: 0 });
      expect(hub.comments).toHaveLength(131);
      expect(hub.comments.at(-1)?.body).toMatch(
        /^<!-- .* -->\n### staging\n\n### prod\n\n\[Reports .*\]\(https:\/\/ci\/1#artifacts\)$/,
      );
      summary("prod", "### prod: 1 to update\n");
      expect(await comment()).toMatchObject({ code: 0, output: "replaced the comment on #7\n" });
      expect(hub.comments).toHaveLength(131);
      expect(hub.comments.at(-1)?.body).toContain("1 to update");
    });

    it("says which stack could not be rendered, instead of leaving it out", async () => {
      summary("staging", "### staging\n");
      expect(await comment()).toMatchObject({ code: 0 });
      expect(hub.comments[0]?.body).toContain("### `prod`: 🛑 could not be rendered, see the run");
    });

    it("leaves alone what somebody else wrote under its mark", async () => {
      const planted = {
        id: 1,
        number: 0,
        body: "<!-- doks-systems: preview -->\nall good",
        user: { login: "someone" },
      };
      hub.comments.push(planted);
      await comment();
      expect(hub.comments).toHaveLength(2);
      expect(planted.body).toContain("all good");
    });

    describe("leads from what it names into the report", () => {
      const named = "> 🛑 **[Vpc a](report.html#urn%3Aa)** is replaced: [docs/runbooks/x.md](docs/runbooks/x.md)\n";
      const written = async (more: Record<string, string>) => {
        summary("prod", named);
        expect(await comment(more)).toMatchObject({ code: 0 });
        return hub.comments.at(-1)?.body;
      };
      const page = "[docs/runbooks/x.md](https://github.com/our/infra/blob/HEAD/docs/runbooks/x.md)";

      it("on GitHub, where the run has it as an artifact of its own", async () => {
        hub.artifacts.push({ id: 3, name: "preview-prod" }, { id: 4, name: "report-prod.html" });
        const run = "https://github.com/our/infra/actions/runs/9";
        expect(await written({ RUN_URL: run })).toContain(
          `> 🛑 **[Vpc a](${run}/artifacts/4#urn%3Aa)** is replaced: ${page}`,
        );
      });

      it("on CircleCI, which serves the files of a job", async () => {
        expect(await written({ CIRCLE_WORKFLOW_JOB_ID: "3df8" })).toContain(
          `[Vpc a](https://output.circle-artifacts.com/output/job/3df8/artifacts/0/${folder}/prod/report.html#urn%3Aa)`,
        );
      });

      it("wherever REPORT_URL says", async () => {
        expect(await written({ REPORT_URL: "https://r.example/7/{stack}.html" })).toContain(
          "[Vpc a](https://r.example/7/prod.html#urn%3Aa)",
        );
      });

      it("and is only a name where the report can only be downloaded", async () => {
        expect(await written({})).toContain("> 🛑 **Vpc a** is replaced");
        expect(await written({ RUN_URL: "https://github.com/our/infra/actions/runs/9" })).toContain("**Vpc a** is");
      });
    });

    it("drops what is folded when it would be too long, never what must be seen", async () => {
      const folded = `<details><summary>Changes</summary>\n${"x".repeat(70_000)}\n</details>\n`;
      summary("prod", `### prod: 900 to delete\n\n> DATA IS LOST\n\n${folded}`);
      expect(await comment()).toMatchObject({ code: 0 });
      expect(hub.comments[0]?.body).toContain("DATA IS LOST");
      expect(hub.comments[0]?.body).toContain("the rest is in the reports");
    });

    it("knows CircleCI's variables, where a branch may have no pull request", async () => {
      env = { ...env, GITHUB_REPOSITORY: "", PULL_REQUEST: "" };
      const { GITHUB_REPOSITORY: _, PULL_REQUEST: __, ...bare } = env;
      env = { ...bare, CIRCLE_PROJECT_USERNAME: "our", CIRCLE_PROJECT_REPONAME: "infra" };
      expect(await comment()).toEqual({ code: 0, output: "no pull request, so nothing to comment on\n" });
      expect(await comment({ CIRCLE_PULL_REQUEST: "https://github.com/our/infra/pull/7" })).toMatchObject({ code: 0 });
      expect(hub.comments).toHaveLength(1);
    });

    it("names what is missing or refused in one line, and never the token", async () => {
      expect(await run("comment", [])).toMatchObject({
        code: 2,
        output: expect.stringContaining("missing required argument 'folder'") as string,
      });
      expect(await comment({ GITHUB_TOKEN: "" })).toEqual({ code: 1, output: "exit 1: GITHUB_TOKEN is not set\n" });
      const refused = await comment({ GITHUB_TOKEN: "wrong-token" });
      expect(refused.code).toBe(1);
      expect(refused.output).toMatch(/^exit 1: GET issues\/7\/comments\?\S+: 401 .*Bad credentials.*\n$/);
      expect(refused.output).not.toContain("wrong-token");
      const nobody = await comment({ GITHUB_API_URL: "http://127.0.0.1:9" });
      expect(nobody).toMatchObject({
        code: 1,
        output: expect.stringMatching(/^exit 1: 127\.0\.0\.1:9 cannot be reached: .*\n$/) as string,
      });
    });
  });

  describe("drift", () => {
    /** A CLI that says this and ends so, where npm's launcher looks for the one that it has downloaded. */
    const engine = (says: string, code: number) => {
      const bin = `versions/${version}/bin`;
      mkdirSync(join(folder, bin), { recursive: true });
      const state = `[ "$1" = stack ] && echo '{"deployment":{}}' && exit`;
      file(
        `${bin}/pulumi`,
        `#!/bin/sh\n${state}\necho "$*" > ${folder}/called\nprintf '%s\\n' '${says}'\nexit ${code}\n`,
      );
      chmodSync(join(folder, bin, "pulumi"), 0o755);
    };

    it("opens one issue for a stack, renews it, and closes it when the drift is gone", async () => {
      engine("~ update Deployment: someone scaled it", 1);
      expect(await run("drift", ["prod"])).toMatchObject({ code: 1 });
      expect(hub.issues).toHaveLength(1);
      expect(hub.issues[0]).toMatchObject({ title: "Drift in prod", labels: ["drift"] });
      expect(hub.issues[0]?.body).toContain("someone scaled it");
      engine("~ update Service: someone opened it ``` here", 1);
      await run("drift", ["prod"]);
      expect(hub.issues).toHaveLength(1);
      expect(hub.issues[0]?.body).toContain("someone opened it ''' here");
      engine("no drift", 0);
      expect(await run("drift", ["prod"])).toMatchObject({ code: 0 });
      expect(hub.issues[0]?.state).toBe("closed");
      await run("drift", ["prod"]);
      expect(hub.calls.filter((call) => call.startsWith("PATCH"))).toHaveLength(2);
    });

    it("without an engine that can be downloaded says how to get it, and takes it for no drift", async () => {
      const nowhere = { NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: "http://127.0.0.1:9", HTTP_PROXY: "http://127.0.0.1:9" };
      const { code, output } = await run("drift", ["prod"], nowhere);
      expect(code).toBe(1);
      expect(output).toContain(`the Pulumi CLI ${version} could not be downloaded`);
      expect(output).toContain(`${folder}/versions/${version}/bin/pulumi is there`);
      expect(output).not.toContain("    at ");
      expect(hub.issues).toEqual([]);
    });

    it("without a token only says it", async () => {
      engine("drifted", 1);
      const { GITHUB_TOKEN: _, ...rest } = env;
      env = rest;
      expect(await run("drift", ["prod"])).toMatchObject({ code: 1, output: "drifted\n\n" });
      expect(hub.calls).toEqual([]);
    });
  });
});
