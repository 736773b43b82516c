/** What is said when a real node cannot start, or a Deployment on it. */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { available } from "../../sandbox/control-plane/client.ts";
import { missing, PodsCluster } from "../support/pods/cluster.ts";

if (missing !== undefined) console.warn(`skipped: what is said when a real node cannot start, which needs ${missing}`);

describe.skipIf(missing !== undefined)("a node", () => {
  it.each(["NET_ADMIN", "SYS_PTRACE", "SYS_ADMIN", "SYSLOG"])("is not tried without %s, and says so", (capability) => {
    const program = 'import("./sandbox/node/needs.ts").then((needs) => console.log(needs.missingForNode()))';
    const less = ["--bounding-set", `-${capability.toLowerCase()}`, process.execPath, "-e", program];
    expect(execFileSync("setpriv", less, { encoding: "utf8" })).toBe(
      `the capabilities ${capability}, or a container engine: sandbox/container/run.sh runs any command in one\n`,
    );
  });

  describe("that runs", () => {
    let pods: PodsCluster;
    beforeAll(async () => {
      pods = await PodsCluster.start();
    }, 1_500_000);
    afterAll(() => pods.stop());

    it("says of a Deployment that does not become available why", async () => {
      const [labels, image] = [{ app: "other" }, "nothing:1"];
      const object = {
        ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "other", namespace: "default" } },
        spec: {
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: { containers: [{ name: "other", image, imagePullPolicy: "Never" }] },
          },
        },
      };
      await pods.client.apply(object);
      await expect(available(pods.client, object, 10)).rejects.toThrow(
        /^other was not available in 10 s; .*ErrImageNeverPull: Container image "nothing:1" is not present/,
      );
    });
  });
});
