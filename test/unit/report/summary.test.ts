/** The comment on a pull request: read in ten seconds, never refused for its length. */
import { beforeAll, describe, expect, it } from "vitest";
import { maskedResources } from "../../../graph/masking.ts";
import { readStackFile, type Patch } from "../../../graph/render/configuration.ts";
import { summary } from "../../../preview/report/summary.ts";
import { money } from "../../../preview/review/cost/cost.ts";
import { review } from "../../../preview/review/review.ts";
import { parseSettings } from "../../../systems/settings.ts";
import { readWaivers } from "../../../policy/waivers.ts";
import { stack, type RenderedStack } from "../../support/stack.ts";

describe("the summary", () => {
  let prod: RenderedStack;
  beforeAll(async () => {
    prod = await stack("prod");
  });
  const of = async (patch: Patch, from: RenderedStack = prod) => {
    const { rendering } = await stack("prod", patch);
    const base = { reference: "main", resources: maskedResources(from.rendering) };
    return summary(review(rendering, readWaivers(), base));
  };
  /** What is seen before anything is unfolded. */
  const head = (text: string) => text.slice(0, text.indexOf("<details>"));

  it("of no change says so, and nothing else that is long", async () => {
    const text = await of({});
    expect(head(text)).toMatch(/^### `prod`: nothing changes\n/);
    expect(head(text)).toContain("a month, unchanged");
    expect(head(text).split("\n").length).toBeLessThan(10);
    expect(text).not.toContain("mermaid");
  });

  it("of a release is a list of images, with a small picture of what is touched", async () => {
    const text = await of({ "doks-systems:dotdo": { image: { tag: "0.9.2" } } });
    expect(head(text)).toMatch(/^### `prod`: 1 to update\n/);
    expect(head(text)).not.toContain("⚠️ **replace**");
    expect(text).toContain("! update Deployment dotdo/dotdo");
    expect(text).toContain(
      'spec.template.spec.containers[dotdo].image: "ghcr.io/dot-do/dotdo:0.9.1" → "ghcr.io/dot-do/dotdo:0.9.2"',
    );
    expect(text).toMatch(/```mermaid\nflowchart LR\n[^`]*\["dotdo"\]:::changed[^`]*-->\|443\|[^`]*```/);
  });

  it("shouts what is replaced and what becomes of data, but not that a migration runs again", async () => {
    const text = await of({
      "doks-systems:caracal": { imageTag: "v0.4" },
      "doks-systems:bowmark": { bucket: { name: "elsewhere" } },
      "doks-systems:platform": { pools: { general: { size: "g-4vcpu-16gb" } } },
    });
    expect(head(text)).toMatch(
      /SpacesBucket bow-mark-files\]\(report\.html#\S+ is protected, so the update is refused; .* starts empty/,
    );
    expect(head(text)).toMatch(
      /> 🛑 \*\*\[KubernetesNodePool general\]\(report\.html#\S+\)\*\* is replaced, but it is protected: the update is refused, because of size/,
    );
    const { min = 0, max = 0 } = parseSettings("prod", readStackFile("prod")).platform.pools["general"] ?? {};
    // $ 126 a node instead of $ 48.
    expect(head(text)).toContain(
      `a month, + ${money({ min: 78 * min, max: 78 * min })} to + ${money({ min: 78 * max, max: 78 * max })}`,
    );
    expect(head(text)).not.toContain("Job");
    expect(text).toContain("-/+ replace Job caracal/caracal-db-migrate");
  });

  it("of a whole stack stays below what GitHub takes, and says what it left out", async () => {
    const nothing = { rendering: { ...prod.rendering, resources: [] } } as unknown as RenderedStack;
    const everything = await of({}, nothing);
    expect(everything.length).toBeLessThan(65_536);
    const many = await of({
      "doks-systems:caracal": null,
      "doks-systems:bowmark": null,
      "doks-systems:gx": null,
      "doks-systems:dotdo": null,
      "doks-systems:platform": { pools: { "default-pool": null, "dedicated-cpu-optimized": null }, monitoring: null },
    });
    expect(many.length).toBeLessThan(65_536);
    expect(head(many)).toMatch(/… and \d+ more/);
  });

  it("lets no name become markup, end a table's cell or call somebody", () => {
    const evil = "x</details>|<img src=x>`@acme/everyone";
    const given = prod.rendering.resources.map((one) =>
      one.type.endsWith(":DatabaseCluster") ? { ...one, inputs: { ...one.inputs, name: evil } } : one,
    );
    const reviewed = review({ ...prod.rendering, resources: given }, [], {
      reference: "main",
      resources: maskedResources(prod.rendering),
    });
    const text = summary(reviewed);
    const outside = text.replaceAll(/```[^]*?```/g, "").replaceAll(/`[^`\n]*`/g, "");
    expect(outside).not.toContain("<img");
    expect(outside).not.toContain("@acme");
    expect(outside.match(/<details>/g)?.length).toBe(outside.match(/<\/details>/g)?.length);
    expect(outside).toContain("x&#60;/details&#62;&#124;");
  });

  it("is valid Markdown where it folds: as many ends as beginnings, and no fence left open", async () => {
    const text = await of({ "doks-systems:hermes": null });
    expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
    expect((text.match(/^```/gm)?.length ?? 0) % 2).toBe(0);
  });
});
