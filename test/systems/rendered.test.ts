/** What the stack files render, kept in `rendered/` and reviewed there; its README says how. */
import { globSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { maskedInputs } from "../../graph/masking.ts";
import { isMade, kindOf, kubernetesObject, providerOf, type Resource } from "../../graph/resource.ts";
import { render, type Rendering } from "../../graph/render/render.ts";
import { manifests } from "../../preview/report/files.ts";
import { expectKeptFile, expectKeptFolder } from "../support/kept-files.ts";
import { maskedResources } from "../../graph/masking.ts";
import { stackDifference } from "../support/stack-difference.ts";

const folder = "test/systems/rendered";

describe("what was reviewed is what is rendered", () => {
  let prod: Rendering;
  let staging: Rendering;
  beforeAll(async () => {
    prod = await renderedBriefly("prod");
    staging = await renderedBriefly("staging");
  });

  it("prod: every object and every resource of another provider is as its file, and no file is left over", () => {
    const elsewhere = prod.resources.filter((one) => isMade(one) && kubernetesObject(one) === undefined);
    const files = { ...manifests(maskedResources(prod)), ...Object.fromEntries(elsewhere.map(fileOf)) };
    // Nothing shares a file with another.
    expect(Object.keys(files)).toHaveLength(prod.resources.filter(isMade).length);
    expectKeptFolder(`${folder}/prod`, files);
  });

  it("staging: differs from prod as its file says", () => {
    expectKeptFile(`${folder}/staging.txt`, stackDifference(prod, staging));
  });

  it("local: differs from staging as its file says", async () => {
    expectKeptFile(`${folder}/local.txt`, stackDifference(staging, await renderedBriefly("local")));
  });
});

/** Scripts are reviewed as files already; where an object has the very text of one, its path stands for it. */
async function renderedBriefly(stack: string): Promise<Rendering> {
  const paths = new Map(
    globSync("{components,systems}/*/{scripts,migrations}/**/*.*").map((path) => [readFileSync(path, "utf8"), path]),
  );
  const brief = (value: unknown) => (paths.has(String(value)) ? `as ${paths.get(String(value)) ?? ""}` : value);
  const rendering = await render(stack);
  const resources = rendering.resources.map((one): Resource => {
    if (kindOf(one) !== "ConfigMap" || !("data" in one.inputs)) return one;
    const data = Object.entries(one.inputs["data"] as object).map(([key, value]) => [key, brief(value)] as const);
    return { ...one, inputs: { ...one.inputs, data: Object.fromEntries(data) } };
  });
  return { ...rendering, resources };
}

/** `digitalocean/spacesbucket-gx-backup-bucket.yaml`: what is asked of the provider, and what the engine is told to keep. */
function fileOf(resource: Resource): [string, string] {
  const { type, name, protect, retainOnDelete, ignoreChanges, replaceOnChanges } = resource;
  const options = {
    ...(protect && { protect }),
    ...(retainOnDelete === true && { retainOnDelete }),
    ...(ignoreChanges.length > 0 && { ignoreChanges }),
    ...(replaceOnChanges.length > 0 && { replaceOnChanges }),
  };
  const said = { type, ...(Object.keys(options).length > 0 && { options }), inputs: maskedInputs(resource) };
  return [`${providerOf(resource)}/${kindOf(resource).toLowerCase()}-${name}.yaml`, stringify(said, { lineWidth: 0 })];
}
