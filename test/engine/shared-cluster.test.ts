/** Two stacks of this program on one cluster: `cluster.source: stack`. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Rehearsal } from "../../sandbox/rehearsal.ts";
import { Stage, noEngine, only, tail } from "../support/stage.ts";
import { ownClusterOnly } from "../support/stack.ts";

const owner = "organization/doks-systems/prod";
const onOwners = {
  ...only("gx"),
  "doks-systems:platform": {
    cluster: { source: "stack", stack: owner, ...ownClusterOnly },
    pools: null,
    edge: { kind: "stack", acmeEmail: null, replicas: null },
    addons: { envoyGateway: "existing", certManager: "existing", metricsServer: "existing" },
  },
};

describe.skipIf(noEngine !== undefined)("a stack on another one's cluster", () => {
  let stage: Stage;
  let guest: Rehearsal;
  beforeAll(async () => {
    stage = await Stage.open("prod", only("hermes"));
    await stage.mustUp();
    guest = await Rehearsal.open("staging", stage.world, onOwners);
  });
  afterAll(() => stage.close());
  const run = async (...args: string[]) => {
    const { code, output } = await guest.run(args);
    stage.outputs.push(output);
    expect(code, tail(output)).toBe(0);
  };

  it("runs beside its systems, behind its edge, and makes no cluster of its own", async () => {
    await run("up", "--yes", "--skip-preview");
    await run("preview", "--refresh", "--expect-no-changes");
    expect(stage.world.api.account.clusters.size).toBe(1);
    const client = stage.cluster();
    const metadata = { name: "svc-identity", namespace: "backend-testnet" };
    const api = await client.get({ apiVersion: "apps/v1", kind: "Deployment", metadata });
    // How many is its autoscaler's to say.
    expect(api?.["status"].readyReplicas).toBeGreaterThan(0);
    client.close();
  });

  it("goes without a trace, and the owner does not notice", async () => {
    await run("destroy", "--yes");
    await stage.settled();
  });
});
