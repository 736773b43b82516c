/** What people do by hand with kubectl, and how it becomes what the program says again. Skipped where kubectl is not installed. */
import { execFileSync, spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChanged } from "../../../drift/objects.ts";
import { stateOf } from "../../../drift/stack-state.ts";
import { takeBack } from "../../../drift/take-back.ts";
import { byHandLines } from "../../../drift/text.ts";
import type { Patch } from "../../../graph/render/configuration.ts";
import { merged, noEngine, only, Stage, tail } from "../../support/stage.ts";

const hasKubectl = spawnSync("kubectl", ["version", "--client"]).status === 0;
const namespace = "backend-mainnet";

const gx = (setting: object): Patch =>
  merged(only("gx"), {
    "doks-systems:platform": { addons: { metricsServer: "existing" } },
    "doks-systems:gx": setting,
  });
/** A second release, so that every workload has one to go back to, and Pulumi has applied and not only created. */
const second = gx({
  imageTag: "2.0.9",
  logLevel: "warn",
  workloads: { redis: { resources: { limits: { memory: "300Mi" } } } },
});

describe.skipIf(noEngine !== undefined || !hasKubectl)("GX Protocol on a cluster", () => {
  let stage: Stage;
  const kubeconfig = process.env["KUBECONFIG"];
  beforeAll(async () => {
    stage = await Stage.open("local", gx({ imageTag: "2.0.8" }));
    process.env["KUBECONFIG"] = stage.world.env["KUBECONFIG"];
    await stage.mustUp();
    await stage.rehearsal.configure(second);
    await stage.mustUp();
  });
  afterAll(async () => {
    if (kubeconfig === undefined) delete process.env["KUBECONFIG"];
    else process.env["KUBECONFIG"] = kubeconfig;
    await stage.close();
  });

  const kubectl = (...args: string[]) =>
    execFileSync("kubectl", ["--namespace", namespace, ...args], { encoding: "utf8" });
  const state = async () => stateOf((await stage.run(["stack", "export", "--show-secrets"])).output);
  const byHand = async () => {
    const known = await state();
    const changed = await findChanged(known);
    return { changed, lines: byHandLines(changed, known) };
  };
  /** The specification of an object without what controllers write. */
  const specOf = (object: string) =>
    JSON.parse(kubectl("get", object, "--output", "json"), (key, value: unknown) =>
      ["metadata", "status"].includes(key) && key === "status" ? undefined : value,
    ) as { spec?: unknown; data?: unknown; metadata: { annotations?: Record<string, string> } };
  const shown = (object: string) => {
    const { spec, data, metadata } = specOf(object);
    const { "deployment.kubernetes.io/revision": _revision, ...annotations } = metadata.annotations ?? {};
    return { spec, data, annotations };
  };

  it("is not changed by hand when nobody did", async () => {
    expect((await byHand()).lines).toEqual([]);
  });

  it.each<[what: string, object: string, hand: string[], lines: RegExp[]]>([
    [
      "a variable that is set and one that is new",
      "statefulset/redis",
      ["set", "env", "statefulset/redis", "REDIS_USER=other", "BY_HAND=yes"],
      [
        /^StatefulSet backend-mainnet\/redis$/,
        /env\[REDIS_USER\]\.value by kubectl-set, \d{4}-\d\d-\d\d \d\d:\d\d UTC$/,
        /env\[BY_HAND\], added by kubectl-set/,
        /to keep it: .*gx\.workloads\.redis\.env\.BY_HAND/,
      ],
    ],
    [
      "a count",
      "statefulset/redis",
      ["scale", "statefulset/redis", "--replicas=2"],
      [/^ {2}spec\.replicas by kubectl/, /gx\.workloads\.redis\.replicas/],
    ],
    [
      "a Deployment's count",
      "deployment/svc-identity",
      ["scale", "deployment/svc-identity", "--replicas=3"],
      [/^Deployment backend-mainnet\/svc-identity$/, /^ {2}spec\.replicas by kubectl/],
    ],
    [
      "a limit",
      "statefulset/redis",
      ["set", "resources", "statefulset/redis", "--containers=redis", "--limits=memory=320Mi"],
      [/resources\.limits\.memory by kubectl-set/, /gx\.workloads\.redis\.resources/],
    ],
    [
      "a release that is rolled back",
      "deployment/svc-identity",
      ["rollout", "undo", "deployment/svc-identity"],
      [/containers\[svc-identity\]\.image by kubectl/, /gx\.workloads\.svc-identity\.tag/],
    ],
    [
      "a line of a ConfigMap, and one that is new",
      "configmap/backend-config",
      [
        ...["patch", "configmap/backend-config", "--field-manager=kubectl-edit", "--type=merge"],
        ...["--patch", '{"data":{"LOG_LEVEL":"trace","BY_HAND":"yes"}}'],
      ],
      [
        /^ConfigMap backend-mainnet\/backend-config$/,
        /data\.LOG_LEVEL by kubectl-edit/,
        /data\.BY_HAND, added by kubectl-edit/,
      ],
    ],
    [
      "an annotation and a port of a Service",
      "service/svc-identity",
      ["annotate", "service/svc-identity", "who=me"],
      [/^ {2}metadata\.annotations\.who, added by kubectl-annotate/],
    ],
    [
      "all that an own manifest says, applied from the server's side",
      "configmap/backend-config",
      ["apply", "--server-side", "--force-conflicts", "--filename", "-"],
      [/data\.LOG_LEVEL by kubectl,/],
    ],
  ])(
    "%s: drift names it, and taken back it is as before, with nothing left to do",
    async (_what, object, hand, lines) => {
      const before = shown(object);
      if (hand[0] === "apply") applied();
      else kubectl(...hand);
      expect(shown(object)).not.toEqual(before);
      const { changed, lines: named } = await byHand();
      for (const line of lines)
        expect(
          named.some((one) => line.test(one)),
          `${String(line)} in\n${named.join("\n")}`,
        ).toBe(true);

      for (const one of changed) await takeBack(one);
      await stage.mustUp("--refresh");
      expect(shown(object)).toEqual(before);
      expect((await byHand()).lines).toEqual([]);
      const { code, output } = await stage.run(["preview", "--refresh", "--expect-no-changes"]);
      expect(code, tail(output)).toBe(0);
    },
  );

  it("without that, an update that meets a count set by hand ends in a conflict", async () => {
    kubectl("scale", "statefulset/redis", "--replicas=2");
    const { code, output } = await stage.up(["--refresh"]);
    expect(code).not.toBe(0);
    expect(output).toMatch(/conflict with "kubectl" with subresource "scale" using apps\/v1: \.spec\.replicas/);
    for (const one of (await byHand()).changed) await takeBack(one);
    await stage.mustUp("--refresh");
    await stage.settled();
  });

  // At the end, because the next update of that Deployment takes the mark away, and its pods roll once more.
  it("is not changed by hand when somebody restarts a Deployment", async () => {
    kubectl("rollout", "restart", "deployment/svc-identity");
    expect((await byHand()).lines).toEqual([]);
  });

  /** An own manifest of the ConfigMap, as somebody has it in a folder. */
  function applied(): void {
    const manifest = {
      ...{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "backend-config", namespace } },
      data: { LOG_LEVEL: "trace" },
    };
    execFileSync("kubectl", ["apply", "--server-side", "--force-conflicts", "--filename", "-"], {
      input: JSON.stringify(manifest),
    });
  }
});
