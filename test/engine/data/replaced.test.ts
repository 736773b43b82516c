/** What is replaced because something else is: the offline difference names as much as the engine does. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maskedResources } from "../../../graph/masking.ts";
import { kindOf } from "../../../graph/resource.ts";
import type { Patch } from "../../../graph/render/configuration.ts";
import { render } from "../../../graph/render/render.ts";
import { difference } from "../../../preview/review/difference.ts";
import { Stage, noEngine, only } from "../../support/stage.ts";

/** GX alone, with a managed database, where nothing is protected. */
const database = { kind: "managed", size: "db-s-1vcpu-2gb", nodes: 1, storage: null, parameters: null };
const gx = (settings: object): Patch => ({ ...only("gx"), "doks-systems:gx": { ...settings, backup: false } });
/** As the sandbox has them: charts come from the internet. */
const addons = { envoyGateway: "existing", certManager: "existing", metricsServer: "existing" };
const base: Patch = { ...gx({ database }), "doks-systems:platform": { addons } };
/** With names and ranges of their own: a new one is made before the old one goes, and an account has each once. */
const elsewhere = {
  ...{ name: "doks-other", vpcRange: "10.77.0.0/20" },
  ...{ clusterSubnet: "10.78.0.0/16", serviceSubnet: "10.79.0.0/19" },
};
describe.skipIf(noEngine !== undefined)("GX Protocol in staging", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open("staging", base);
    await stage.mustUp();
  });
  afterAll(() => stage.close());

  it("in another network: all that has to go with it", async () => {
    const patch: Patch = {
      ...gx({ database: { ...database, name: "gx-other" } }),
      "doks-systems:platform": { addons, cluster: elsewhere },
    };
    const [before, after] = [await render("staging", base), await render("staging", patch)].map(maskedResources);
    const changes = difference(before ?? [], after ?? []);
    const predicted = changes.map(({ operation, resource }) => `${operation} ${kindOf(resource)} ${resource.name}`);
    expect(predicted).toContain("replace Deployment gx-svc-identity");
    await stage.rehearsal.configure(patch);
    // What only reads a new id or address is updated by the engine; nobody knows it before.
    const replaced = (lines: readonly string[]) => lines.filter((line) => line.startsWith("replace ")).toSorted();
    expect(replaced(await stage.planned())).toEqual(replaced(predicted));
  });
});
