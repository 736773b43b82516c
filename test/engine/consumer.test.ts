/** A stack of somebody else's reads ours: `examples/consumer`. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../commands/engine.ts";
import { pulumi, writeProject } from "../../sandbox/engine.ts";
import { Stage, noEngine, only, tail } from "../support/stage.ts";

const program = join(root, "examples/consumer");

describe.skipIf(noEngine !== undefined)("a stack beside ours", () => {
  let stage: Stage;
  let folder: string;
  beforeAll(async () => {
    stage = await Stage.open("staging", only("hermes"));
    await stage.mustUp();
    folder = join(stage.world.folder, "consumer");
    mkdirSync(folder);
    writeProject(folder, program);
  });
  afterAll(() => stage.close());
  const consumer = async (...args: string[]) => {
    const finished = await pulumi([...args, "--stack", "dev", "--cwd", folder], stage.rehearsal.env);
    stage.outputs.push(finished.output);
    expect(finished.code, tail(finished.output)).toBe(0);
    return finished.output;
  };

  it("deploys to our cluster with what our outputs say", async () => {
    await consumer("stack", "init");
    await consumer("config", "set", "stack", "organization/doks-systems/staging");
    await consumer("up", "--yes", "--skip-preview", "--non-interactive");
    const client = stage.cluster();
    const metadata = { name: "hermes", namespace: "consumer" };
    const map = await client.get({ apiVersion: "v1", kind: "ConfigMap", metadata });
    expect(map?.["data"].host).toBe("ipfs-cache-postgres.kafka.svc.cluster.local");
    const secret = await client.get({ apiVersion: "v1", kind: "Secret", metadata });
    expect(Object.keys((secret?.["data"] ?? {}) as object)).toEqual(["postgres-password"]);
    client.close();
  });

  it("and what is secret stays so on its side", async () => {
    const shown = JSON.parse(await consumer("stack", "output", "--json")) as Record<string, string>;
    expect(shown).toEqual({ databaseHost: "ipfs-cache-postgres.kafka.svc.cluster.local", password: "[secret]" });
    const { password = "" } = JSON.parse(
      (
        await pulumi(
          ["stack", "output", "--json", "--show-secrets", "--stack", "dev", "--cwd", folder],
          stage.rehearsal.env,
        )
      ).output,
    ) as Record<string, string>;
    expect(password).toMatch(/^[0-9a-f]{64}$/);
    const state = readFileSync(join(stage.world.folder, "state/.pulumi/stacks/doks-consumer/dev.json"), "utf8");
    for (const text of [...stage.outputs, state]) expect(text.includes(password)).toBe(false);
    stage.keepsSecrets();
  });
});
