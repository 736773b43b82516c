/** `npm run up`: what reaches Pulumi, and what becomes of a Ctrl-C. */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { declarations } from "../../../commands/declarations.ts";
import { ownFirst, parsed } from "../../../commands/parse.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

describe("npm run up", () => {
  const home = mkdtempSync(join(tmpdir(), "doks-up-"));
  beforeAll(() => {
    // Where npm's launcher puts the CLI that it downloads.
    const { version } = JSON.parse(readFileSync("node_modules/pulumi/package.json", "utf8")) as { version: string };
    const bin = join(home, "versions", version, "bin");
    mkdirSync(bin, { recursive: true });
    // As the engine does, it ends what it has begun before it goes.
    const script = `trap 'sleep 1; echo ended in order; exit 3' INT\necho "$*"\nsleep 20 & wait\n`;
    writeFileSync(join(bin, "pulumi"), `#!/bin/sh\n${script}`);
    chmodSync(join(bin, "pulumi"), 0o755);
  });
  afterAll(() => {
    rmSync(home, { recursive: true });
  });

  it("hands its options to Pulumi, and waits for it after a Ctrl-C", async () => {
    const args = ["commands/start.js", "ci/engine.ts", "up", "prod", "--yes", "--refresh"];
    // Nobody is asked for images.
    const nowhere = { DOKS_REGISTRY_URL: "http://127.0.0.1:9", DIGITALOCEAN_TOKEN: "none" };
    const env = { ...process.env, ...nowhere, PULUMI_HOME: home };
    const child = spawn(process.execPath, args, { env, detached: true });
    let output = "";
    const code = await new Promise((resolve) => {
      child.stdout.on("data", (data: Buffer) => {
        output += data.toString();
        // A terminal interrupts everything that runs in it.
        if (output.endsWith("--refresh\n") && child.pid !== undefined) process.kill(-child.pid, "SIGINT");
      });
      child.once("close", resolve);
    });
    expect(output).toBe("up --policy-pack policy --stack prod --yes --refresh\nended in order\n");
    expect(code).toBe(3);
  });

  it("has options of its own, which may stand among those of Pulumi", () => {
    const words = (...argv: string[]) => {
      const declared = declarations.up();
      return parsed<{ phase?: string }>(declared, ownFirst(declared, argv));
    };
    const handedOn = ["prod", "--yes", "--target", "urn:pulumi:prod::doks-systems::a:b:C::c", "--help"];
    expect(words(...handedOn)).toEqual({ args: handedOn, options: {} });
    for (const own of [["--phase", "data"], ["--phase=data"]]) {
      for (let place = 0; place <= 2; place += 1) {
        const line = ["prod", "--yes", "--refresh"];
        line.splice(place, 0, ...own);
        expect(words(...line)).toEqual({ args: ["prod", "--yes", "--refresh"], options: { phase: "data" } });
      }
    }
  });
});
