/** What a whole update does, by what is in the registries and in the state. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { imagesMissing } from "../../../commands/declarations.ts";
import { pinnedImages } from "../../../components/site/images.ts";
import type { Rendering } from "../../../graph/render/render.ts";
import { updateInOrder } from "../../../phases/in-order.ts";
import { ownImages } from "../../../phases/own-images.ts";
import { prerequisites } from "../../../phases/prerequisites.ts";
import { push, startRegistry, stock, type PlayedRegistry } from "../../../sandbox/registry.ts";
import { stack } from "../../support/stack.ts";

let rendering: Rendering;
beforeAll(async () => {
  ({ rendering } = await stack("prod"));
});

describe("npm run up", () => {
  let folder = "";
  let registry: PlayedRegistry;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "doks-registry-"));
    registry = await startRegistry(folder);
  });
  afterEach(async () => {
    await registry.stop();
    rmSync(folder, { recursive: true });
  });

  /** Updates prod; each update is its number of targets. */
  async function up(options: { state?: readonly string[]; code?: number; during?: (run: number) => void } = {}) {
    const updates: number[] = [];
    const said: string[] = [];
    const code = await updateInOrder(rendering, {
      access: { token: "t", password: () => undefined, registryUrl: registry.url },
      known: () => Promise.resolve(new Set(options.state ?? [])),
      update: (targets) => {
        updates.push(targets.length / 2);
        options.during?.(updates.length);
        return Promise.resolve(options.code ?? 0);
      },
      say: (text) => said.push(text),
      again: "npm run up -- prod",
    });
    return { code, updates, said: said.join("\n") };
  }

  it("is one update where all images are there, and asks for those of the team alone", async () => {
    const { code, updates } = await up();
    expect({ code, updates }).toEqual({ code: 0, updates: [0] });
    expect(registry.asked).toHaveLength(ownImages(rendering.resources, pinnedImages(rendering.platform.images)).size);
    expect(registry.asked.filter((image) => /postgres|rabbitmq|redis|confluent|kubectl/.test(image))).toEqual([]);
  });

  it("makes platform and data of a new stack, and says what to push", async () => {
    stock(folder, "empty");
    const { code, updates, said } = await up();
    expect(code).toBe(imagesMissing);
    expect(updates).toHaveLength(2);
    expect(updates[1]).toBeGreaterThan(updates[0] ?? 0);
    expect(said).toContain("--tag registry.digitalocean.com/geo/svc-identity:2.0.0 --push .");
    expect(said).toContain("platform and data are there; once the images are: npm run up -- prod");
  });

  it("goes on by itself where a pipeline has pushed the images meanwhile", async () => {
    stock(folder, "empty");
    const { code, updates } = await up({
      during: () => {
        stock(folder, "full");
      },
    });
    expect(code).toBe(0);
    expect(updates).toHaveLength(3);
    expect(updates[2]).toBe(0);
  });

  it("stops at a phase that fails", async () => {
    stock(folder, "empty");
    const { code, updates } = await up({ code: 255 });
    expect({ code, updates: updates.length }).toEqual({ code: 255, updates: 1 });
  });

  it("leaves a stack that runs alone", async () => {
    const running = rendering.resources.filter(({ type }) => type.endsWith(":Deployment")).map(({ urn }) => urn);
    stock(folder, "empty");
    push(folder, ["ghcr.io/dot-do/dotdo:0.9.1"]);
    const { code, updates, said } = await up({ state: running });
    expect({ code, updates }).toEqual({ code: imagesMissing, updates: [] });
    expect(said).toContain("nothing was changed");
    expect(said).not.toContain("dotdo:0.9.1");
  });
});

describe("what must be there first", () => {
  it("is what the systems of the stack need, and nothing of the others", async () => {
    const whole = prerequisites(rendering);
    const what = (system: string, kind: string) =>
      whole.filter((one) => one.system === system && one.kind === kind).map((one) => one.what);
    expect(what("gx", "outside")).toEqual(["Fabric peer peer0-org1.fabric:7051"]);
    expect(what("bowmark", "outside")).toEqual(
      expect.arrayContaining(["MongoDB Atlas of paving", "SMTP server smtp.example.com:465"]),
    );
    expect(what("platform", "domain")).toEqual(["domain bowmark.ca", "domain gxcoin.com", "domain example.com"]);
    expect(whole.filter(({ kind }) => kind === "image").map(({ needs }) => needs)).toContain(
      "docker push registry.digitalocean.com/geo/svc-identity:2.0.0",
    );
    const alone = prerequisites(
      (await stack("prod", { "doks-systems:bowmark": null, "doks-systems:gx": { fabric: false } })).rendering,
    );
    expect(alone.filter(({ system, what: text }) => system === "bowmark" || text.includes("Fabric"))).toEqual([]);
  });

  it("says where the requests come from that an access list is to admit", () => {
    const { cluster } = rendering.platform;
    if (cluster.source !== "create") throw new Error("prod makes its cluster");
    const atlas = (nat: typeof cluster.nat) => {
      const platform = { ...rendering.platform, cluster: { ...cluster, nat } };
      return prerequisites({ ...rendering, platform }).find(({ what }) => what.startsWith("MongoDB"))?.needs;
    };
    expect(atlas(false)).toContain("platform.cluster.nat");
    expect(atlas({ size: 1 })).toContain("platform.outgoingAddresses");
  });
});
