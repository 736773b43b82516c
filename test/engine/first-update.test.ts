/** A first update whose registry it makes itself: what happens until the images are there, and after. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { imagesMissing } from "../../commands/declarations.ts";
import { push, stock } from "../../sandbox/registry.ts";
import { Stage, noEngine, only, tail } from "../support/stage.ts";

describe.skipIf(noEngine !== undefined)("a first update", () => {
  let stage: Stage;
  const registry = "registry.digitalocean.com/geo";
  const images = ["svc-identity", "outbox-submitter", "projector"].map((name) => `${registry}/${name}:2.0.0`);
  const said: string[] = [];
  const up = () => {
    said.length = 0;
    return stage.rehearsal.updateInOrder((text) => {
      said.push(text);
      stage.outputs.push(text);
    });
  };
  const deployments = async () =>
    (await stage.resources())
      .filter(({ type }) => type.endsWith(":Deployment"))
      .map(({ urn }) => urn.split("::").at(-1));

  beforeAll(async () => {
    stage = await Stage.open("prod", only("gx"));
    stock(stage.world.folder, "empty");
  });
  afterAll(() => stage.close());

  it("is refused by the engine before anything happens, where somebody types pulumi up", async () => {
    const { code, output } = await stage.run(["up", "--yes"]);
    expect(code).not.toBe(0);
    expect(output).toContain(`docker buildx build --platform linux/amd64 --tag ${registry}/`);
    expect(stage.calls("POST", /./)).toEqual([]);
  });

  it("makes the platform and what holds data, then says what to push and where", async () => {
    expect(await up(), tail(said.join("\n"))).toBe(imagesMissing);
    const text = said.join("\n");
    for (const image of images)
      expect(text).toContain(`docker buildx build --platform linux/amd64 --tag ${image} --push .`);
    expect(text).toContain("doctl registry login");
    expect(text).toContain("npm run sandbox -- up prod");
    expect(said.at(-1)).toContain(`exit ${imagesMissing}`);
    // The platform first, in an update of its own, so that there is a registry as early as can be.
    expect(stage.calls("POST", /\/v2\/registr/)).toHaveLength(1);
    expect(stage.calls("POST", /^\/v2\/databases$/)).toHaveLength(1);
    const kinds = (await stage.resources()).map(({ type }) => type.split(":").at(-1));
    expect(kinds).toEqual(
      expect.arrayContaining(["ContainerRegistry", "DatabaseCluster", "StatefulSet", "SpacesBucket"]),
    );
    expect(await deployments()).toEqual([]);
  });

  it("ends once the images are pushed, and nothing is left to do", async () => {
    push(stage.world.folder, images);
    expect(await up(), tail(said.join("\n"))).toBe(0);
    expect((await deployments()).toSorted()).toEqual(["gx-outbox-submitter", "gx-projector", "gx-svc-identity"]);
    await stage.settled();
  });

  it("leaves a stack that runs as it is, when a release names an image that nobody pushed", async () => {
    await stage.rehearsal.configure({ ...only("gx"), "doks-systems:gx": { imageTag: "2.0.1" } });
    const before = stage.world.api.journal.filter(({ method }) => method !== "GET").length;
    expect(await up()).toBe(imagesMissing);
    expect(said.join("\n")).toContain("nothing was changed");
    const { code, output } = await stage.run(["up", "--yes"]);
    expect(code).not.toBe(0);
    expect(output).toContain("has no 2.0.1");
    expect(stage.world.api.journal.filter(({ method }) => method !== "GET")).toHaveLength(before);
  });
});
