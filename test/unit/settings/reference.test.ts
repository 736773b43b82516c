/** The reference of the settings: whether it is whole, and whether what it says of a change is what a change does. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { computeEffects, keptEffects } from "../../../docs/generate/effects/all.ts";
import { effectAt } from "../../../docs/generate/effects/compute.ts";
import { baseOf, ownerOf, stepsOf } from "../../../docs/generate/effects/trials.ts";
import { put } from "../../../docs/generate/effects/values.ts";
import { places, type Place } from "../../../docs/generate/places.ts";
import { hasEffect, holes, idOf, settingRows, unknownEffects } from "../../../docs/generate/settings-reference.ts";
import { platformSetting } from "../../../settings/platform.ts";
import { systems } from "../../../systems/settings.ts";

const all = places();
const kept = keptEffects();
const schemas: Readonly<Record<string, z.ZodType>> = {
  platform: platformSetting,
  ...Object.fromEntries(Object.entries(systems).map(([name, { setting }]) => [name, setting])),
};

describe("the reference", () => {
  it("names each setting whose effect nobody has computed, and each effect of what is no setting", () => {
    const { "gx.imageTag": effect, ...others } = kept;
    expect(effect?.does).toBe("restarts");
    expect(holes(settingRows(others))).toEqual(["gx.imageTag has no effect"]);
    expect(unknownEffects({ ...kept, "gx.colour": { does: "in place", text: "in place" } })).toEqual(["gx.colour"]);
  });

  it("gives only examples that the settings take", () => {
    const examples = all.flatMap((place) => (place.schema.examples ?? []).map((example) => ({ place, example })));
    expect(examples.length).toBeGreaterThan(300);
    const refused = examples.flatMap(({ place, example }) => {
      const owner = ownerOf(place);
      const value = put(baseOf(place)[`doks-systems:${owner}`], stepsOf(place), () => example);
      const { error } = schemas[owner]?.safeParse(value) ?? {};
      return error === undefined ? [] : [`${idOf(place)}: ${JSON.stringify(example)}: ${error.message}`];
    });
    expect(refused).toEqual([]);
  });
});

/** A few settings, others every day. */
const seed = Number(process.env["EFFECTS_SEED"] ?? new Date().toISOString().slice(0, 10).replaceAll("-", ""));
const sampled = sample(all.filter(hasEffect), 10);

function sample(of: readonly Place[], count: number): Place[] {
  return fc.sample(fc.shuffledSubarray([...of], { minLength: count, maxLength: count }), { seed, numRuns: 1 })[0] ?? [];
}

describe(`a change of a setting does what the reference says (EFFECTS_SEED=${seed})`, () => {
  it.each(sampled.map((place) => ({ id: idOf(place), place })))("$id", { timeout: 300_000 }, async ({ id, place }) => {
    expect(await effectAt(place)).toEqual(kept[id]);
  });

  it.runIf(process.env["EFFECTS"] === "all")("of every setting (EFFECTS=all)", { timeout: 1_800_000 }, async () => {
    expect(await computeEffects()).toEqual(kept);
  });

  const effect = async (id: string) => effectAt(all.find((place) => idOf(place) === id) as Place);

  it("an image tag rolls what may have two pods, and recreates what may not", async () => {
    expect((await effect("gx.imageTag"))?.text).toBe("rolls `svc-identity`; recreates `outbox-submitter`, `projector`");
  });

  it("what makes data anew is refused in production, and said to keep or to lose it elsewhere", async () => {
    const { does, text = "" } = (await effect("hermes.database[in-cluster].storage")) ?? {};
    expect(does).toBe("replaces");
    expect(text).toContain("StatefulSet `kafka/ipfs-cache-postgres`");
    // The new one takes the claims of the old one.
    expect(text).toContain("production refuses that, elsewhere data is kept");
    expect((await effect("hermes.backup.bucket[create].name"))?.text).toContain("elsewhere data is lost");
  });

  it("what DigitalOcean does only one way is said with its reason", async () => {
    expect((await effect("gx.database[managed].size"))?.text).toMatch(/but refused by DigitalOcean: .* never shrinks/);
  });

  it("a certificate that is signed anew rolls who shows it, though renderings sign nothing", async () => {
    expect((await effect("caracal.certificates[generated].authorityDays"))?.text).toMatch(
      /replaces 2 LocallySignedCerts, SelfSignedCert; rolls `caracal-gateway`/,
    );
  });

  it("a new VPC takes the cluster with it, though renderings give both the same id", async () => {
    expect((await effect("platform.cluster[create].vpcRange"))?.text).toMatch(
      /^replaces KubernetesCluster `doks-prod` with all/,
    );
  });

  it("what only other stacks may have is said to be refused in production", async () => {
    expect((await effect("gx.exposure[node-port]"))?.text).toMatch(
      /^refused in production; elsewhere adds or removes /,
    );
  });
});
