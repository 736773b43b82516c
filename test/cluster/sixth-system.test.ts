/**
 * A system more: a folder, and a line in each of two tables. A copy of the project gets one, and loses it again; what is
 * rendered of it runs in a real control plane beside the five others.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Graph, Resource } from "../../graph/resource.ts";
import { readStackFile, type Patch } from "../../graph/render/configuration.ts";
import type { ApiObject } from "../../sandbox/control-plane/client.ts";
import { startControlPlane, type ControlPlane } from "../../sandbox/control-plane/control-plane.ts";
import { nodesOf } from "../../sandbox/control-plane/nodes.ts";
import { hasGo } from "../../sandbox/tools.ts";
import { parseSettings } from "../../systems/settings.ts";
import { deploy } from "../support/cluster/deploy.ts";

const source = "test/sixth-system";
const system = "systems/miniflux";
/** The tables of systems, each with the line that is added, what it is added behind, and the import that the line needs. */
const tables = {
  "systems/settings.ts": {
    line: "  miniflux: minifluxSlice,\n",
    behind: "  caracal: caracalSlice,\n",
    imported: `import { minifluxSlice } from "./miniflux/facts.ts";\n`,
  },
  "index.ts": {
    line: '  miniflux: (on, site) => new Miniflux("miniflux", on, site),\n',
    behind: '  caracal: (on, site) => new Caracal("caracal", on, site),\n',
    imported: `import { Miniflux } from "./${system}/index.ts";\n`,
  },
};
const images = { registry: "ghcr.io/miniflux", pullSecret: { kind: "none" } };
const backup = { bucket: { kind: "create", name: "miniflux-backups-staging" } };
const on: Patch = {
  "doks-systems:miniflux": { imageTag: "2.2.14", images, host: "feeds.staging.example.com", backup },
};

const able = hasGo();
if (!able) console.warn("skipped: a sixth system in the control plane, without Go");

it("a system with a database, a route and backups has fewer than 150 lines", () => {
  const lines = readdirSync(source).flatMap((file) => readFileSync(join(source, file), "utf8").trimEnd().split("\n"));
  expect(lines.length).toBeLessThan(150);
});

describe.skipIf(!able)("a sixth system", () => {
  const folder = mkdtempSync(join(tmpdir(), "doks-sixth-"));
  const copy = join(folder, "project");
  const inCopy = promisify(execFile);
  let plane: ControlPlane;
  let before: string;
  let running: ApiObject[];

  beforeAll(async () => {
    const left = ["node_modules", ".cache", ".git"].map((name) => resolve(name));
    cpSync(".", copy, { recursive: true, filter: (path) => !left.includes(resolve(path)) });
    symlinkSync(resolve("node_modules"), join(copy, "node_modules"));
    before = await rendered({});
    plane = await startControlPlane(
      join(folder, "control-plane"),
      nodesOf(parseSettings("staging", readStackFile("staging")).platform, "max"),
    );
    running = await deploy(plane.client, graphOf(before).resources);
  }, 1_200_000);
  afterAll(async () => {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Staging as the copy of the project renders it, as JSON. */
  async function rendered(patch: Patch): Promise<string> {
    const program = `
      import { render } from "./graph/render/render.ts";
      process.stdout.write(JSON.stringify(await render("staging", ${JSON.stringify(patch)})));
    `;
    const args = ["--input-type=module", "--eval", program];
    return (await inCopy(process.execPath, args, { cwd: copy, maxBuffer: 2 ** 30 })).stdout;
  }
  const graphOf = (text: string) => JSON.parse(text) as Graph;
  const isOwn = ({ urn }: Resource) => urn.includes("doks-systems:miniflux:Miniflux");
  const edit = (change: (text: string, table: (typeof tables)["index.ts"]) => string) => {
    for (const [file, table] of Object.entries(tables)) {
      const path = join(copy, file);
      writeFileSync(path, change(readFileSync(path, "utf8"), table));
    }
  };
  const now = async () =>
    Promise.all(running.map(async (object) => identity((await plane.client.get(object)) ?? object)));
  const identity = ({ kind, metadata: { name, uid, generation } }: ApiObject) => ({ kind, name, uid, generation });

  it("is unknown before it is in the tables", async () => {
    await expect(rendered(on)).rejects.toThrow("doks-systems:miniflux (given): is not a setting");
  });

  it("is on with its folder and a line in each table, has every type, and changes nothing of the others", async () => {
    cpSync(source, join(copy, system), { recursive: true });
    edit((text, { line, behind, imported }) => imported + text.replace(behind, behind + line));
    const checked = inCopy(resolve("node_modules/.bin/tsc"), [], { cwd: copy });
    expect(await checked.catch((error: unknown) => error)).toMatchObject({ stdout: "" });
    expect(await rendered({})).toBe(before);
    const all = graphOf(await rendered(on));
    const others = all.resources.filter((resource) => !isOwn(resource));
    expect(JSON.stringify(others)).toBe(JSON.stringify(graphOf(before).resources));
    const { miniflux, ...outputs } = all.outputs;
    expect(miniflux).toEqual({ url: "https://feeds.staging.example.com", namespace: "miniflux" });
    expect(Object.keys(outputs)).toEqual(Object.keys(graphOf(before).outputs));
  });

  it("comes up beside the others, and goes without them", async () => {
    const { client } = plane;
    const others = await now();
    const own = graphOf(await rendered(on)).resources.filter(isOwn);
    const made = await deploy(client, own);
    const kinds = made.map(({ kind }) => kind);
    expect(kinds).toEqual(
      expect.arrayContaining(["Namespace", "StatefulSet", "Job", "Deployment", "CronJob", "HTTPRoute"]),
    );
    const pods = await client.list("v1", "pods", "miniflux");
    expect(pods.map((pod): unknown => pod["status"].phase).toSorted()).toEqual(["Running", "Running", "Succeeded"]);

    for (const object of made.toReversed()) await client.delete(object);
    const left = async () => (await Promise.all(made.map((object) => client.get(object)))).filter(Boolean);
    for (let tries = 0; tries < 600 && (await left()).length > 0; tries += 1) await sleep(100);
    expect(await left()).toEqual([]);
    expect(await now()).toEqual(others);
  }, 240_000);

  it("leaves nothing behind: without folder and lines everything is byte for byte as it was", async () => {
    rmSync(join(copy, system), { recursive: true });
    edit((text, { line, imported }) => text.replace(line, "").replace(imported, ""));
    for (const file of Object.keys(tables)) {
      expect(readFileSync(join(copy, file), "utf8")).toBe(readFileSync(file, "utf8"));
    }
    expect(await rendered({})).toBe(before);
  });
});
