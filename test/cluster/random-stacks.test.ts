/** Stacks that nobody wrote: what the settings accept, the API server and the played DigitalOcean accept, too. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startControlPlane, type ControlPlane } from "../../sandbox/control-plane/control-plane.ts";
import { refusalsOf } from "../../sandbox/digitalocean/refusals.ts";
import { hasGo } from "../../sandbox/tools.ts";
import { Admission } from "../support/admission.ts";
import { acceptedStacks } from "../support/random-stack.ts";
import { stack } from "../support/stack.ts";

const able = hasGo();
if (!able) console.warn("skipped: random stacks against the API server, without Go");

const count = Number(process.env["RANDOM_STACKS"] ?? 40);
/** Another one each day, and the day's again by name. */
const seed = Number(process.env["RANDOM_SEED"] ?? Math.floor(Date.now() / 86_400_000));

describe.skipIf(!able)(`${count} random stacks, RANDOM_SEED=${seed}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "doks-random-"));
  let plane: ControlPlane;
  let admission: Admission;

  beforeAll(async () => {
    plane = await startControlPlane(join(folder, "control-plane"), []);
    admission = new Admission(plane.client);
    for (const name of ["prod", "staging"]) expect(await admission.refusals(await stack(name))).toEqual([]);
  }, 1_200_000);
  afterAll(async () => {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it(
    "render no object that is refused",
    async () => {
      const { stacks, made } = acceptedStacks(count, seed);
      console.info(`seed ${seed}: of ${made} random stacks the settings accept ${stacks.length}`);
      for (const one of stacks) {
        const rendered = await stack(one.stack, one.patch);
        const refused = [...refusalsOf(rendered.rendering.resources), ...(await admission.refusals(rendered))];
        expect(refused, JSON.stringify(one)).toEqual([]);
      }
    },
    count * 30_000,
  );
});
