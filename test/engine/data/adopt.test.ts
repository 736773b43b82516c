/**
 * What runs already is taken over by the real engine: the claims, StatefulSets and Services stay the same objects, no pod restarts
 * that the report did not name, and the second preview is empty.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { patchOf } from "../../../adopt/agree/suggestion.ts";
import { files, script } from "../../../adopt/report/steps.ts";
import { takeover, type Takeover } from "../../../adopt/takeover.ts";
import { metadataOf, nameOf } from "../../../graph/resource.ts";
import type { ApiObject, Client } from "../../../sandbox/control-plane/client.ts";
import { documented, keptOf, lay, podsOf, type Kept } from "../../support/ground/ground.ts";
import { merged, noEngine, only, Stage, tail } from "../../support/stage.ts";
import type { SystemKey } from "../../support/stack.ts";

const noKubectl = spawnSync("kubectl", ["version", "--client"]).status === 0 ? undefined : "kubectl is not installed";
if (noKubectl !== undefined) console.warn(`skipped: taking over with the engine: ${noKubectl}`);

/** Bow-Mark's pods keep to the pools of its document, here as in DOKS. */
const pools = { "default-pool": { kind: "existing" }, "dedicated-cpu-optimized": { kind: "existing" } };
const patchFor = (system: SystemKey) =>
  system === "bowmark"
    ? merged(only(system), { "doks-systems:platform": { cluster: { nodeSelectors: {} }, pools } })
    : only(system);

/** Helm's record of its release goes, so that nobody undoes with it what is not its own any more. */
const release = /^Secret \S+\/sh\.helm\.release\./;
const withoutReleases = (kept: Kept) =>
  Object.fromEntries(Object.entries(kept).filter(([name]) => !release.test(name)));

describe.skipIf(noEngine !== undefined || noKubectl !== undefined).each(documented)("%s, as it runs", (system) => {
  let stage: Stage;
  let client: Client;
  let objects: ApiObject[];
  let before: Kept;
  let pods: Kept;
  let found: Takeover;

  beforeAll(async () => {
    stage = await Stage.open("local", patchFor(system));
    client = stage.cluster();
    objects = await lay(client, system);
    before = await keptOf(client, objects);
    pods = await podsOf(client, objects);
    found = await takeover({
      ...{ stack: "local", system, refuse: [], token: undefined, context: undefined },
      kubeconfig: stage.world.env["KUBECONFIG"],
      patch: patchFor(system),
    });
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  afterAll(async () => {
    client.close();
    await stage.close();
  });

  /** Runs a script of the takeover, where its `npx pulumi` is the stage's. */
  function runs(text: string): void {
    const { env, folder } = stage.rehearsal;
    const bin = join(folder, "bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "npx"), `#!/bin/sh\nshift\nexec '${resolve("node_modules/.bin/pulumi")}' "$@"\n`, {
      mode: 0o755,
    });
    const PATH = [bin, process.env["PATH"] ?? ""].join(delimiter);
    execFileSync("sh", ["-c", text], { cwd: folder, env: { ...process.env, ...env, PATH }, stdio: "pipe" });
  }

  /** What the keys of the Secrets hold that are taken over. */
  async function takenOnes(): Promise<Record<string, unknown>> {
    const values = found.secrets.map(async ({ from }): Promise<[string, unknown]> => {
      const [, name = "", namespace = "", key = ""] = /^Secret (\S+) in (\S+), key ([^:\s]+)/.exec(from) ?? [];
      const secret = await client.get({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace } });
      const value = (secret?.["data"] as Record<string, string> | undefined)?.[key] ?? "";
      // A line break at the end is lost on the way: Pulumi reads a value without it.
      return [from, Buffer.from(value, "base64").toString().trimEnd()];
    });
    const all = await Promise.all(values);
    expect(all.filter(([, value]) => value === "")).toEqual([]);
    return Object.fromEntries(all);
  }

  it("would lose no data, and nothing that holds some is made anew", () => {
    const changes = found.review.change?.changes ?? [];
    const gone = changes.filter(({ operation }) => operation === "replace" || operation === "delete");
    expect(gone.map(({ resource, fields }) => [nameOf(resource), fields])).toEqual([]);
    expect(found.review.dangers.filter(({ kind }) => kind === "data")).toEqual([]);
  });

  it("shows no secret, in no file", () => {
    const text = JSON.stringify([
      found.review,
      found.imports,
      found.agreed.suggestions,
      found.preparation,
      found.secrets,
    ]);
    expect(text).not.toContain("canary");
  });

  it("is imported and updated with the same objects, and pods restart that the report names", async () => {
    await stage.rehearsal.configure(patchOf(found.agreed.suggestions, patchFor(system)));
    runs(
      script(
        "",
        found.secrets.map(({ command }) => command),
      ),
    );
    const passwords = await takenOnes();
    const folder = stage.world.folder;
    for (const part of ["components", "data", "others"] as const) {
      const file = join(folder, files[part]);
      writeFileSync(file, JSON.stringify(found.imports[part]));
      const protect = `--protect=${part === "data"}`;
      const { code, output } = await stage.run(["import", "--file", file, protect, "--generate-code=false", "--yes"]);
      expect(code, tail(output)).toBe(0);
    }
    expect(await keptOf(client, objects)).toEqual(before);
    expect(await podsOf(client, objects)).toEqual(pods);

    runs(script("", found.preparation.commands));
    expect(await podsOf(client, objects)).toEqual(pods);

    vi.stubEnv("PULUMI_K8S_ENABLE_PATCH_FORCE", "true");
    await stage.mustUp();
    vi.unstubAllEnvs();

    expect(withoutReleases(await keptOf(client, objects))).toEqual(withoutReleases(before));
    // Each in its Secret as it was: none was generated.
    expect(await takenOnes()).toEqual(passwords);
    const named = found.review.availability.workloads
      .filter(({ verdict }) => verdict !== "untouched")
      .map(({ resource }) => metadataOf(resource)?.name);
    const left = new Set(Object.values(await podsOf(client, objects)));
    const restarted = Object.entries(pods).flatMap(([name, uid]) => (left.has(uid) ? [] : [name]));
    const isNamed = (pod: string) => named.some((one) => one !== undefined && pod.includes(`/${one}-`));
    expect(restarted.filter((pod) => !isNamed(pod))).toEqual([]);
  });

  it("has an empty preview afterwards, and its neighbours are as they were", async () => {
    expect(await stage.planned()).toEqual([]);
    stage.keepsSecrets();
  });
});
